"""Sample appeals with known truth, for demos, tests and load; never for a claim about accuracy.

They are composed from the phrase material in a pack's `sample` folder, which repeats none of the pack's
examples. The same pack, number, seed and start give the same bytes. Nobody in them exists.
"""

from veche.packs.sample.distinct import distinct_share
from veche.packs.sample.files import write_sample
from veche.packs.sample.generate import Block, generate
from veche.packs.sample.material import topics_unsaid

__all__ = ["Block", "distinct_share", "generate", "topics_unsaid", "write_sample"]
