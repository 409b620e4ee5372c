"""What the pack of Boston takes for a threat to life, and what only sounds like one. Sentences by hand."""

import pyarrow as pa
import pytest

from veche.core.finding import first_values
from veche.engine.stage import Context
from veche.packs import load_pack
from veche.stages.urgency import UrgencyStage

THREATS = """
My upstairs neighbor wants to die and says so every night
She does not want to live anymore, please send someone
He keeps saying he is better off dead
I am in pain and want to end my life
No heat with a newborn in the apartment
we are without heat and my grandmother is ninety
A man with a gun is standing at the bus stop
teenagers pulled a knife on my son
heard gun shots behind the school again
This is an emergency, water is pouring through the lights
I smell gas, it started two days ago
The wire fell three hours ago and is sparking
Old man passed out by the pond
the baby is choking and nobody comes
A cyclist got hit by a bus
I need an ambulance at the corner
""".strip().splitlines()

NO_THREATS = """
Cars on both sides, emergency vehicles cannot get through
An ambulance has been parked here for six weeks, it is for sale
I called 911 three times about the abandoned car
Our moving truck needs a parking permit
I am drowning in paperwork for this permit
The glue gun shop leaves boxes on the sidewalk
Please trim the tree, vines are choking it
Snow emergency signs are gone from our street
A dead rabbit lies in the road, run over several times
Rust on the infant playground
Boxes stand on fire escapes all summer
""".strip().splitlines()


@pytest.fixture(scope="module")
def stage() -> UrgencyStage:
    stage = UrgencyStage()
    stage.open(Context(pack=load_pack("boston")))
    return stage


def _found(stage: UrgencyStage, texts: list[str]) -> list[str]:
    batch = pa.table(
        {"text": texts, "received_at": pa.nulls(len(texts), pa.timestamp("us", "UTC"))},
    )
    values = first_values(stage(batch)["urgency"]).to_pylist()
    return [text for text, value in zip(texts, values, strict=True) if value == "life"]


def test_a_threat_to_life_is_found(stage: UrgencyStage) -> None:
    assert _found(stage, THREATS) == THREATS


def test_what_only_sounds_like_a_threat_is_none(stage: UrgencyStage) -> None:
    assert _found(stage, NO_THREATS) == []
