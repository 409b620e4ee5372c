"""What the pack of Boston takes for a threat to life or a deadline, and what only sounds so."""

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
The whole stairwell is full of smoke and my mother cannot walk down
fire in the apartment under mine, two children still in there
stove won't turn off and the kitchen is burning
We all have headaches and my husband threw up, I think it is the furnace
there's a hissing pipe in the basement and the smell makes us dizzy
our heat has been broken since thanksgiving and the twins are three months old
my 84 year old father is sitting in an apartment with no heat
An old guy is lying face down by the bus shelter
man slumped over the wheel on Dot Ave, lips blue
my daughter fainted and we cannot wake her up
a lady tripped and there is blood all over the sidewalk
he stopped breathing, somebody please come
my neighbor swallowed a whole bottle of sleeping pills
kid in the alley with a needle still in his arm, does not respond
The ambulance could not reach my grandfather because nobody plowed
I have written letters to my family, forgive me, I cannot go on
A girl is standing on the outside of the bridge railing
my ex is kicking in the door and I am scared for my kids
The man downstairs beats his kids every evening, they scream
A guy is swinging a machete at people by the T stop
I heard five gunshots and now a boy is lying on the ground
my son is 7, he went missing after school
two little kids are left alone every night in the apartment next door
A toddler is locked in a parked car and it's ninety degrees
part of the facade came off and nearly hit a woman with a stroller
the scaffolding is swaying, people walk under it to the train
a chunk of ice fell off the roof and hit my mother on the head
a huge branch is cracking over the playground
The manhole has no cover and it is right by the school
my uncle fell into an open trench and broke his leg
power line snapped and is lying across the sidewalk
my dog was electrocuted on a metal plate
water is rising in the basement apartment and an old lady is still there
kids are walking on the frozen pond
teenager fell through the ice at Jamaica Pond
a pit bull bit a girl in the face
my toddler picked up a syringe in the sandbox
someone left a bag with wires sticking out under a bench
a truck hit a cyclist, he is not moving
workers are trapped under a collapsed wall
the landlord has padlocked the back exit, there are families upstairs
we have had no food for three days, my kids are hungry
hay una fuga de gas en el edificio y mi mamá está mareada
mi abuela se cayó y no responde
un hombre con un cuchillo está amenazando a la gente
mi hijo de cinco años está perdido
el perro mordió a una niña en la cara
no tenemos calefacción y mi bebé tiene dos meses
un carro atropelló a un ciclista
hay humo saliendo de la ventana y gritan
cayó un cable en la acera, echa chispas
mi vecino dice que se va a matar
There are flames shooting out of the roof on Adams Street
my oven caught fire and the hallway is getting dark with smoke
sparks are flying out of the outlet by the crib
a strong sulfur odor in the cellar, my kids have headaches
the co detector is going off and grandma is dizzy
No boiler since Sunday, my mother is 91 and shivering under blankets
The radiators are cold and I have a newborn
woman slumped on a bench, not breathing, lips purple
my husband has chest pains and 911 puts me on hold
guy got stabbed at Andrew station
my roommate took too many pills and is not waking up
someone OD'd in the library bathroom
EMTs are stuck behind a double parked truck with a patient in cardiac arrest
I do not want to be here anymore, tell my kids I love them
he says he will jump off the Tobin bridge
my boyfriend choked me last night and took my phone
I hear a woman screaming for help upstairs every night
man waving a pistol out of a car window
bullets came through our living room window
A girl of about five wanders alone on Blue Hill Ave with no shoes
A stranger tried to pull my daughter into his van
A baby is crying in a parked car with the windows up
The parapet dropped bricks on the bus stop and one hit a man
Balcony railing gave way and a kid fell
Icicles as long as me above the school entrance, one already hit a boy
a tree came down on a car with people in it
somebody stole the storm drain cover and a toddler nearly fell in
a sinkhole swallowed a car
a live cable is whipping around on the road
I got a shock from the light pole
the river came over the wall and cars are floating with people inside
A boy is in the water by the pier and cannot swim
kids are playing hockey on thin ice
two rottweilers are attacking an old man
my kid got pricked by a needle at the playground
there is a box that is ticking by the station
The gas tank fell over and is hissing
hit and run, a pedestrian is on the ground bleeding
an elderly woman is stuck in the elevator for two hours
tenants inside, the front door is chained from the outside
my children have not eaten since yesterday
My tenant is dying and nobody comes
there is a dead man in the park
se está incendiando el apartamento de arriba
mi vecina no respira
mi esposo me golpea y tengo miedo
escuché disparos y hay un muchacho en el suelo
una niña está sola en la calle de noche
se cayó un pedazo del techo encima de mi hijo
falta la tapa de la alcantarilla y mi hijo casi se cae
los niños juegan en el hielo del lago
encontré una jeringa donde juegan los niños
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
The kids next door scream and play all evening
My neighbor smokes on the balcony and it comes in
The street light at the school is out, kids walk in the dark
A branch hangs over my driveway, please trim it
Please repair the fence around the playground, a board fell off
The dog barks all night and my baby cannot sleep
That truck blocked the exit of the garage for an hour
The elevator is out again and I live on the fifth floor
My trash was not picked up, bags are lying on the sidewalk
A car has not moved for three weeks, neighbors are upset
Someone dumped a stove and a gas grill behind the school
The hydrant is covered with snow
The hearing about the bike lanes was interesting, thank you
My daughter lost her hat in the park
Broken glass by the bench where kids play
Sidewalk brick is loose, I almost tripped
We are starving for more trees on our block
The meeting on Friday was fine
People speed and nearly hit the curb every day
There is a dead rat in the alley
The cover of the trash barrel is missing
Wire basket on the corner is full
Ice on the sidewalk, nobody salts
My wife hit a pothole and lost a tire
The kids would love a pool
El perro del vecino ladra toda la noche
No recogieron la basura el lunes
El árbol tapa la luz de la calle
Mi hijo quiere jugar en el parque y está cerrado
Hay un hueco en la calle
Neighbors smoke pot on the stairs every night
The gas station sign flickers
There is a fire hydrant leaking at the corner
The fire station siren wakes up my baby
Kids play basketball until midnight
The bus was so full that my grandma had to stand
My neighbor's house needs paint
Trash truck hit my mirror and drove off
Somebody hit a parked car and left a note
The elevator smells
The dog park needs a new gate
Wall of the underpass is covered with graffiti
There is a hole in the fence of the tennis court
A sign fell over in the wind
Two trees were planted in the wrong spot
My driveway is blocked, I am stuck at home
Food trucks take all the spaces
The heat of the summer kills the grass
Please put a bench by the pond
Ambulances use this street, please pave it
Police came and took the stolen bike
The landlord did not answer my letter
Kids draw with chalk on the wall, it is lovely
My son walks to school alone and there is no crosswalk light
The basement has mice
She has not moved her car for two months
They leave the dog waste bags hanging on the tree
The alarm of that car goes off every night
The stairs to the station are icy
Streetlight pole is leaning a bit
La estación de bomberos hace ruido
Mi hija quiere un parque con sombra
El semáforo tarda mucho
Los vecinos ponen música alta
Hay basura en la calle
""".strip().splitlines()

DEADLINES = """
Our eviction hearing is on Thursday and nobody calls back
I have to appeal by next Monday and your form does not open
They will shut off our water on Friday
the moving truck comes on saturday and I still have no permit
My visitor permit runs out in two days
The block party is this weekend and the street is not closed
we have to vacate the apartment by the end of the month
The road race is on Sunday, there are craters on the route
My son's surgery is on Tuesday and I need the handicapped placard
El lunes tengo audiencia y no tengo el papel
mi permiso vence mañana
nos cortan el agua el viernes
""".strip().splitlines()


@pytest.fixture(scope="module")
def stage() -> UrgencyStage:
    stage = UrgencyStage()
    stage.open(Context(pack=load_pack("boston")))
    return stage


def _found(stage: UrgencyStage, texts: list[str], *, urgency: str) -> list[str]:
    batch = pa.table(
        {"text": texts, "received_at": pa.nulls(len(texts), pa.timestamp("us", "UTC"))},
    )
    values = first_values(stage(batch)["urgency"]).to_pylist()
    return [text for text, value in zip(texts, values, strict=True) if value == urgency]


def test_a_threat_to_life_is_found(stage: UrgencyStage) -> None:
    assert _found(stage, THREATS, urgency="life") == THREATS


def test_a_deadline_is_found(stage: UrgencyStage) -> None:
    assert _found(stage, DEADLINES, urgency="deadline") == DEADLINES


def test_what_only_sounds_urgent_is_none(stage: UrgencyStage) -> None:
    assert _found(stage, NO_THREATS, urgency="none") == NO_THREATS
