"""What each column of the output holds; the reference page of columns is generated from here."""

#: Columns of `appeals/*.parquet` that come before the facets.
APPEALS: dict[str, str] = {
    "appeal_id": "id of the appeal: a digest of the source's bytes and the row",
    "source": "name of the file, or of the file inside an archive",
    "row": "number of the row in the source, from 1",
    "foreign_id": "the id that the source gives, masked",
    "received_at": "instant of receipt, UTC",
    "received_zone": "time zone that the instant came in",
    "channel": "how it came, as the source says",
    "declared_language": "language as the source says",
    "declared_territory": "territory as the source says, masked",
    "lat": "latitude in degrees",
    "lon": "longitude in degrees",
    "age": "declared age in years",
    "sex": "declared sex: female or male",
    "occupation": "declared occupation, masked",
    "author": "keyed hash of the author's key",
    "thread": "keyed hash of what joins the messages of one conversation",
    "attachments": "names of attached files, masked",
    "kept": "all other columns of the source by name, masked",
    "masked_text": "the text with personal data replaced by labels",
    "masks": "masked stretches: offsets into the original text, and type",
    "matters": "sentences of each further concern, offsets into the original text",
    "repeat_size": "how many appeals the group of copies holds; 1 when alone",
    "copy_of": "id of the earliest appeal of the group, null for that one and for those alone",
    "campaign": "whether the group looks organised: many authors, short time, nearly the same text",
    "subtheme": "code of the subtheme",
}

#: The five columns of each facet, with the facet's name in place of {facet}.
FACET: dict[str, str] = {
    "{facet}": "the first-ranked value of matter 0",
    "{facet}_confidence": "probability that the value is right",
    "{facet}_evidence": "words that speak for it, offsets into the original text",
    "{facet}_maker": "stage that made it; person where somebody decided it",
    "{facet}_version": "version of the maker; for a person the number of the sign-off",
}

#: What the values of each facet mean.
FACETS: dict[str, str] = {
    "language": "BCP 47 tag; und when the text is too short to tell",
    "kind": "question, complaint, request, proposal, thanks, threat, spam, other",
    "topic": "code of a topic of the pack",
    "place": "code of a territory of the pack",
    "body": "code of a body; code@territory for a kind of body that exists in many",
    "urgency": "life (threat to life or health), deadline, none",
    "group": "family:value, for example age:65+ or status:veteran",
    "repeat": "id of the group of copies, which is the id of its earliest appeal",
    "theme": "code of a theme found in these appeals, rare, or aside for what a person set aside",
    "error": "code of the error and the stage that failed on this appeal",
}

#: Where a model decides (`--model`): the facet `{facet}_decided` beside each of its facets.
DECIDED: dict[str, str] = {
    "alone": "needs nobody: of such decisions at least the promised share will be right",
    "unsure": "a person should look: the chance is too low for the promise",
    "new": "a person should look: the pack's stage names what the model was never taught",
    "language": "a person should look: the model never saw this language",
    "strange": "a person should look: no words, or hardly any that the model ever saw",
    "promise": "a person should look: there are too few examples to promise anything",
}

#: Columns of `findings/*.parquet`.
FINDINGS: dict[str, str] = {
    "appeal_id": "id of the appeal",
    "matter": "0 for the appeal as a whole, 1 and up for each further concern",
    "facet": "what kind of thing was decided",
    "rank": "0 for the first choice, then the next ones",
    "value": "what was decided",
    "confidence": "probability that the value is right",
    "evidence": "words that speak for it, offsets into the original text",
    "maker": "stage that made it; person where somebody decided it, which outranks the stage",
    "maker_version": "version of the maker",
    "pack_version": "version of the pack",
}

#: Columns of `themes.parquet`.
THEMES: dict[str, str] = {
    "theme": "code of the theme or subtheme",
    "parent": "theme that a subtheme belongs to",
    "name": "readable phrase in the language of the texts",
    "keywords": "words that tell it from the others",
    "size": "appeals, copies among them",
    "distinct": "different texts",
    "copies": "appeals that repeat another",
    "share": "part of all appeals",
    "topic": "topic of the pack that most of it lies under, null for none",
    "topic_share": "part of it that lies under that topic",
    "first_seen": "local day of the first appeal",
    "last_seen": "local day of the last appeal",
    "trend_unit": "step of the trend: day, week or month",
    "trend": "appeals per step; steps without any are left out",
    "change": "last week against a usual one of the weeks before: 0.5 is half as many again",
    "is_new": "whether it began late in the period",
    "languages": "share of each language",
    "says_nothing": "whether its texts are empty answers",
    "samples": "ids of some of its appeals",
}

#: Columns of `picture.parquet`.
PICTURE: dict[str, str] = {
    "grouping": "which dimensions the cell is counted by, with commas between",
    "topic": "code of a topic at any level; a leaf counts for those above it",
    "theme": "code of a theme",
    "territory": "code of a territory below the pack's whole",
    "settlement": "code of a territory below that",
    "age_group": "age group, as 25-34",
    "sex": "female or male",
    "occupation": "occupation",
    "group": "any group, as family:value",
    "channel": "channel",
    "language": "language",
    "kind": "kind of appeal",
    "urgency": "urgency",
    "day": "local day, the first of the month in groupings by month",
    "count": "appeals; null where protected",
    "copies": "appeals among them that repeat another",
    "people": "different authors, where they are known",
    "urgent": "urgent ones among them",
    "protected": "whether the count is withheld so that nobody can be told",
}

#: Columns of `theme_changes.parquet`, written where a run follows an earlier one (`--after`).
THEME_CHANGES: dict[str, str] = {
    "kind": "same, split, merge, birth or death; a split or merge has a row for each of its parts",
    "theme": "code in this run as the machine found it, null for a death",
    "theme_before": "code in the earlier run, null for a birth",
    "name": "name in this run",
    "name_before": "name in the earlier run",
    "size": "appeals in this run",
    "size_before": "appeals in the earlier run",
    "shared": "different texts that both have",
    "overlap": "shared texts as a part of all those of either; null with too few to tell",
    "closeness": "cosine of the two centres, null without sentence vectors",
}

#: Columns of `alerts.parquet`, one row per burst at the end of the period.
ALERTS: dict[str, str] = {
    "theme": "code of the theme that bursts, null where it is a topic or all appeals",
    "topic": "code of the topic that bursts, null where it is a theme or all appeals",
    "territory": "code of the part of the pack's whole where it does, null for all of it",
    "since": "first local day of the burst",
    "until": "last local day of the burst, that of the last appeal",
    "seen": "appeals in these days, copies among them",
    "expected": "appeals that were to be expected from the weeks before and the calendar",
    "chance": "probability of so many if nothing had changed, corrected for the number of counts looked at",
}

#: Keys of each quotation in `digest.json`, the digest of the whole run, the most telling first.
DIGEST: dict[str, str] = {
    "text": "words of one appeal, masked",
    "appeal_id": "id of that appeal",
    "theme": "code of the theme that its appeal lies in; rare for the others",
    "subtheme": "code of the subtheme, null for none",
    "position": "position that it takes, as in digests.json; null for none",
}

#: Keys of `positions` in the themes of `digests.json`.
POSITIONS: dict[str, str] = {
    "mixed": "whether people disagree but their sides cannot be told apart well enough to be counted",
    "neither": "share of the people who take no side",
    "sides": "the sides, the larger first; none where mixed",
    "sides.side": "praise or complaint, for or against",
    "sides.share": "share of the people of the theme",
    "sides.size": "that share as a number of appeals",
    "sides.quotations": "quotations that speak for the side",
}

#: Keys of `audit.json`.
AUDIT: dict[str, str] = {
    "version": "version of this layout",
    "digest": "file that was audited",
    "seed": "seed of the random samples",
    "appeals": "appeals of the run",
    "without_text": "appeals with nothing to represent",
    "languages": "share of each language among the people",
    "representation": "how well the digest represents people, against random samples as large: "
    "k quotations, voices measured out of of_voices, samples drawn, then standing, heard, worse_off "
    "and each of the groups",
    "groups_withheld": "groups too small to be shown, by dimension",
    "sentences": "each sentence of the digest with the appeal that it is grounded in",
}
