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
    "{facet}_maker": "stage that made it",
    "{facet}_version": "version of the maker",
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
    "theme": "code of a theme found in these appeals, or rare",
    "error": "code of the error and the stage that failed on this appeal",
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
    "maker": "stage that made it",
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
