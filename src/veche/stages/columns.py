"""The columns that stages pass to one another, beside the facet columns."""

import pyarrow as pa

from veche.core.finding import SPAN, facet_field

#: Length of a sentence vector of the default encoder.
VECTOR_SIZE = 512

#: A stretch of personal data in the original text, and its type ("phone", "name" ...).
MASK = pa.struct([*SPAN, pa.field("type", pa.string())])

TEXT = pa.field("text", pa.string())

#: The text with personal data replaced by labels such as "[phone]"; all that is shown and written.
MASKED_TEXT = pa.field("masked_text", pa.string())

#: The masked stretches, by offsets into the original text, in order and without overlap.
MASKS = pa.field("masks", pa.list_(MASK))

#: Subword ids of the masked text, without marks of beginning and end. In memory only.
TOKENS = pa.field("tokens", pa.list_(pa.int32()))

#: Per concern beyond the whole, its sentences in the original text; empty for one concern.
#: Entry i is matter i + 1.
MATTERS = pa.field("matters", pa.list_(pa.list_(SPAN)))

#: Row 0 is the appeal's vector, row i that of matter i. Unit length; null where there is no text.
VECTORS = pa.field("vectors", pa.list_(pa.list_(pa.float32(), VECTOR_SIZE)))

#: Hashes of the bands of the masked text's MinHash signature (little-endian uint32; two texts that share
#: one may be near copies), and a hash of its normal form.
SIGNATURE = pa.field("signature", pa.binary())
CONTENT_HASH = pa.field("content_hash", pa.uint64())

LANGUAGE = facet_field("language")
KIND = facet_field("kind")
TOPIC = facet_field("topic")
PLACE = facet_field("place")
BODY = facet_field("body")
URGENCY = facet_field("urgency")
GROUP = facet_field("group")
