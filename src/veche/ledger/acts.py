"""The acts that the ledger knows, each with a plain sentence for the people who read it.

An act is never renamed or given another meaning: entries with it are read for decades.
"""

from veche.core.errors import N_, UnknownAct
from veche.core.i18n import _

SENTENCES = {
    "appeal.taken": N_("Appeals were taken in."),
    "appeal.understood": N_("Appeals were understood by the machine."),
    "appeal.aside": N_("Appeals were set aside because they could not be understood."),
    "appeal.retried": N_("Appeals that had been set aside were tried again."),
    "appeal.reprocessed": N_("Appeals were understood anew with another model or pack."),
    "appeal.withdrawn": N_("An appeal was withdrawn."),
    "appeal.lent": N_("An appeal was lent to another authority."),
    "appeal.returned": N_("The lending of an appeal to another authority ended."),
    "picture.listed": N_("A list of appeals without their texts was taken out as a table."),
    "appeal.exported": N_("A list of appeals with their masked texts was taken out as a table."),
    "finding.decided": N_("A person decided a finding."),
    "themes.found": N_("The machine searched for themes."),
    "theme.new": N_("The machine told of a new theme."),
    "theme.decided": N_("A person decided about a theme."),
    "theme.undone": N_("A decision about a theme was taken back."),
    "decision.undone": N_("A person undid an act of theirs at the desk."),
    "decision.second": N_("A person asked for a second opinion, or gave one that differs."),
    "decision.checked": N_("A person checked what was decided alone."),
    "decisions.exported": N_("Decisions were exported as corrections to learn from."),
    "promise.moved": N_("What is decided without a person was narrowed or widened."),
    "card.split": N_("A card of the desk was split."),
    "card.merged": N_("Cards of the desk were merged."),
    "card.handed": N_("A card of the desk was handed to a colleague."),
    "urgent.taken": N_("A person took an appeal that tells of danger to life."),
    "original.seen": N_("A person looked at the original of an appeal."),
    "attachment.seen": N_("A person opened a file that came with an appeal."),
    "access.refused": N_("Access to something was refused."),
    "grant.given": N_("A person was given a role."),
    "grant.ended": N_("A role of a person ended."),
    "user.made": N_("An account was made."),
    "user.changed": N_("An account was changed."),
    "user.closed": N_("An account was closed."),
    "login.entered": N_("A person signed in."),
    "login.refused": N_("Signing in was refused."),
    "login.locked": N_("Signing in was locked for a while after many failures."),
    "session.ended": N_("A session was ended."),
    "tenant.made": N_("An authority was added."),
    "model.used": N_("An authority began to decide with another model, or with its pack alone."),
    "tenant.changed": N_("Settings of an authority were changed."),
    "channel.made": N_("A channel was opened."),
    "channel.changed": N_("A channel was changed."),
    "token.made": N_("A token for a channel was made."),
    "token.revoked": N_("A token for a channel was revoked."),
    "import.begun": N_("The import of a file began."),
    "import.finished": N_("The import of a file ended."),
    "import.stopped": N_("The import of a file was stopped."),
    "person.erased": N_("All that named a person was erased."),
    "erasure.replayed": N_("Erasures were repeated on a restored backup."),
    "retention.applied": N_("What was over age was stripped of names."),
    "vault.rotated": N_("The keys of the vault were wrapped with a new master key."),
    "annotation.written": N_("A note on the time line was written."),
    "annotation.removed": N_("A note on the time line was removed."),
    "mailing.set": N_("The picture is sent to a person by mail from now on."),
    "mailing.ended": N_("The picture is sent to a person by mail no more."),
    "ledger.exported": N_("The ledger was exported."),
    "backup.made": N_("A backup was made."),
    "backup.restored": N_("A backup was restored."),
    "service.upgraded": N_("The service was upgraded."),
}


def known(act: str) -> str:
    """Return the act.

    Raises:
        UnknownAct: the ledger has no words for it.
    """
    if act not in SENTENCES:
        raise UnknownAct(act=act)
    return act


def sentence(act: str) -> str:
    """Return what an act means in the language in force; the act itself where a newer version wrote it."""
    return _(SENTENCES.get(act, act))
