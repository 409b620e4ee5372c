"""Words around names: what introduces a person, what makes a name a street or a clinic, who is famous.

Hand-written lists in Russian, English, Kazakh and Spanish; folded, so in lower case with е for ё.
"""

from veche.core.text import compile_pattern


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: After these the author names a person; the words that follow are taken as names when they look so.
STRONG_CUE = compile_pattern(
    r"(?:^|[^\p{L}])((?:меня зовут|мое имя|имя и фамилия|моя фамилия|фамилия имя отчество|фамилия|фио|"
    r"ф\.и\.о\.|"
    r"зовут|по имени|по фамилии|(?:my|his|her|full|first|last|whose) name(?: is|'s|:)|i am called|me llamo|"
    r"mi nombre es|менің атым|"
    r"атым|аты-жөнім|мой муж|моя жена|мой сын|моя дочь|моего сына|мою дочь|моя мама|мою маму|"
    r"моей мамы)[ :\-–—,.]{1,4})"
)

#: Words before the one who is greeted or asked for; the name after them stands in the lists.
GREETED = compile_pattern(
    r"(?:^|[^\p{L}])((?:happy birthday(?: to)?|say (?:hi|hello) to|regards to|ask for|asking for|"
    r"speak (?:to|with)|"
    r"с днем рождения|передайте привет|привет|позовите|спросить|спрашивает)[ ,]{1,2})"
)

#: A name in Latin letters and then a telephone number is how people sign ("ИНН" is a case of a Russian name).
SIGNED = compile_pattern(
    r"(?:^|[^\p{L}])([a-z]{2,15}(?: [a-z]{2,15})?),? {1,2}\+?[(0-9][0-9() .\-]{8,15}[0-9]\b"
)

#: A telephone number and then one word is how people sign too.
NUMBERED = compile_pattern(r"[0-9][0-9() \-]{8,15}[0-9],? {1,2}(\p{L}{2,15})(?:[.,!;\x00\n]|$)")

#: A sign-off; what follows is a signature, or "the residents of house 5".
SIGN_OFF = compile_pattern(
    r"(?:^|[^\p{L}])((?:с уважением|заранее спасибо|искренне ваш\p{L}?|подпись|заявител[ья]|"
    r"автор обращения|отправител[ья]|"
    r"sincerely|yours truly|yours faithfully|(?:kind|best|warm) regards|regards|signed|atentamente|"
    r"saludos|құрметпен)[ :\-–—,.!\r\n]{1,6})"
)

#: Titles and roles: a surname alone after one of them is a person's.
ROLES = _words(
    "гражданин гражданина гражданину гражданином гражданка гражданки гражданку гражданкой гражданке гр "
    "господин господина госпожа госпожи депутат депутата депутату депутатом врач врача врачу врачом врачи "
    "доктор доктора доктору доктором учитель учителя учительница учительницы учительницу учительнице "
    "директор директора директору директором глава главы главе главой мэр мэра мэру мэром губернатор "
    "губернатора губернатору губернатором президент президента президенту президентом министр министра "
    "министру министром начальник начальника начальнику начальником инспектор инспектора участковый "
    "участкового участковому сосед соседа соседу соседом соседка соседки соседку соседкой председатель "
    "председателя председателю председателем терапевт терапевта педиатр педиатра медсестра медсестры "
    "медсестру фельдшер фельдшера заведующая заведующей заведующий воспитатель воспитателя "
    "воспитательница тренер тренера водитель водителя мастер мастера инженер инженера судья судьи "
    "следователь следователя прокурор прокурора чиновник чиновника товарищ"
)
#: Titles come next; a street may be named with one ("calle Dr. Arce").
TITLES = _words("mr mrs ms miss mx dr prof professor sir madam señor señora sr sra don doña")

#: Before a name these make it the name of a place or an institution.
PLACE_BEFORE = _words(
    "ул улица улицы улице улицу улицей улиц пр просп проспект проспекта проспекте проспекту пр-т пр-кт "
    "пер переулок переулка переулке переулку бульвар бульвара бульваре бульвару б-р пл площадь площади "
    "площадью набережная набережной набережную наб шоссе проезд проезда проезде тупик тупике мост моста "
    "мосту мостом сквер сквера сквере парк парка парке парком сад сада саду им имени имен памяти станция "
    "станции ст метро остановка остановки остановке ост город города городе г гор село села селе с "
    "поселок поселка поселке п пос пгт деревня деревни деревне д дер станица станицы станице хутор хутора "
    "аул район района районе область области республика река реки реке озеро озера озере остров острова "
    "мыс гора горы собор собора соборе церковь церкви храм храма храме храму монастырь святого святой "
    "святая св памятник памятника памятнику мемориал театр театра музей музея музее стадион больница "
    "больницы больнице клиника клиники школа школы школе школу гимназия гимназии лицей лицея мкр "
    "микрорайон микрорайоне микрорайона квартал квартала жк тц трц тк рынок магазин магазина магазине "
    "кафе ресторан аптека тракт аллея аллее снт дк завод завода жилмассив көшесі премия премии орден "
    "ордена corner intersection end street avenue road fort mount mt lake port saint st san santa calle "
    "avenida plaza parque paseo colegio hospital"
)

#: Of these, the ones after which even a role is part of a name ("имени доктора Сеченова").
NAMED_AFTER = _words("им имени имен памяти ул улица улице улицы улицу")

#: Of these, the ones that are written with a full stop.
SHORT_PLACE = _words("ул пр просп пер пл наб им ст г гор с п пос д дер мкр св ост mt st")

#: Before a title these make it part of a street's name.
PLACE_BEFORE_TITLE = _words(
    "calle calles c avenida avda paseo plaza pza valencia ул улица street clinic hospital"
)

#: After a name these make it the name of a place or an institution.
PLACE_AFTER = _words(
    "улица улицы улице улицу проспект проспекта проспекте переулок переулка переулке бульвар бульваре "
    "площадь площади набережная набережной шоссе проезд проезда сквер сквера парк парка район района "
    "районе область области мост көшесі даңғылы street st str avenue ave av road rd lane ln drive "
    "boulevard blvd court ct place pl terrace ter way square sq close crescent circle cir row hill hills "
    "parkway pkwy highway hwy gardens garden grove mews park playground field common bridge station "
    "school academy hospital clinic library university college center centre church building house hall "
    "house's memorial tunnel wharf river pond lake beach island cemetery heights village point pier mall "
    "plaza ward unit trust surgery greenway path rotary intersection corner apartments towers foundation "
    "restaurant cafe bar market pizza liquors"
)

#: Surnames after which towns name streets; in the genitive they stand without the word "street".
FAMOUS = _words(
    "ленина маркса энгельса горького гагарина люксембург либкнехта цеткин хмельницкого невского разина "
    "пугачева пушкина лермонтова толстого чехова гоголя достоевского тургенева некрасова маяковского "
    "есенина чайковского космодемьянской матросова кошевого жукова кутузова суворова нахимова ушакова "
    "макарова фрунзе чапаева щорса котовского буденного ворошилова калинина кирова куйбышева дзержинского "
    "свердлова орджоникидзе урицкого луначарского крупской ульянова ульяновой ломоносова менделеева "
    "павлова пирогова сеченова мичурина вавилова королева циолковского чкалова громовой тюленина морозова "
    "мамонтова панфилова карбышева абая ауэзова валиханова жамбыла сатпаева кунаева момышулы молдагуловой "
    "маметовой тельмана димитрова ватутина рокоссовского конева тухачевского блюхера лазо тимирязева "
    "попова репина сурикова шевченко франко грибоедова крылова белинского герцена чернышевского "
    "добролюбова островского фадеева шолохова гайдара маресьева покрышкина титова терешковой леонова "
    "комарова сахарова рылеева пестеля желябова халтурина перовской бабушкина баумана седова невского "
    "донского радонежского сергия николая"
)

#: The first names of those, in the genitive.
FAMOUS_FIRST = _words(
    "карла розы клары юрия максима богдана александра сергея павлика зои степана емельяна льва антона "
    "николая ивана михаила федора петра павла василия феликса серго владимира дмитрия алексея фридриха "
    "германа валентины андрея тараса марии софьи ильи матвея георгия григория константина лизы олега "
    "нурсултана алии маншук"
)

#: Words that stand where a signature or a name could, and are none.
NOT_NAMES = _words(
    "уважаемый уважаемая многоуважаемый глубокоуважаемый дорогой дорогая уважаемого уважаемому жители "
    "жильцы житель жительница жилец собственники собственник родители коллектив пенсионер пенсионерка "
    "ветеран инвалид мама папа многодетная неравнодушный группа совет дома дом ваш ваша ваши все мы семья "
    "граждане гражданин администрация комитет здравствуйте добрый день уважаемый уважаемая спасибо прошу "
    "просим россия москва the a an your yours not on in at concerned resident residents neighbor "
    "neighbors neighbour neighbours tenant tenants citizen citizens taxpayer parent parents mother father "
    "thank thanks thankyou you dear boston city hello hi frustrated very tired treeless disappointed "
    "anonymous everyone all and or from for to as no none unknown please driver worker commuter homeowner "
    "owner cyclist mr mrs sir madam this that it is was i we my our sent type color make model vehicle "
    "details comments parked additional los vecinos vecino gracias un una el la"
)

#: Russian patronymics in all cases, Kazakh ones too.
PATRONYMIC = compile_pattern(
    r"[а-я]{2,20}(?:ович|евич|ьич|мич|тич|кич|вич)(?:а|у|ем|ом|е|и|ам|ами|ей)?|"
    r"[а-я]{2,20}(?:овн|евн|ичн|иничн)(?:а|ы|е|у|ой|ою)|"
    r"[а-яәіңғүұқөһ]{2,20}(?:ұлы|қызы|улы|кызы)"
)

#: "Петров И.О.", "Петров И. О.", "петрова м.в."; Cyrillic only: "U.S. Army" and "P.O. Box" look the same.
SURNAME_INITIALS = compile_pattern(r"[а-яәіңғүұқөһ]{2,24}(?:-[а-я]{2,24})?[ \n][а-я]\.(?: ?[а-я]\.)?")
INITIALS_SURNAME = compile_pattern(r"[а-я]\.[ ]?(?:[а-я]\.[ ]?)?[а-яәіңғүұқөһ]{3,24}(?:-[а-я]{3,24})?")

#: First names that are common in English; packs bring longer lists (US Social Security and ONS name counts).
FIRST_NAMES_EN = _words(
    "james robert john michael david william richard joseph thomas christopher charles daniel matthew "
    "anthony steven paul andrew joshua kenneth kevin brian timothy ronald jason george edward jeffrey "
    "ryan jacob nicholas gary eric jonathan stephen larry justin scott brandon benjamin samuel gregory "
    "alexander patrick raymond jack dennis jerry tyler aaron jose adam nathan henry zachary douglas peter "
    "kyle noah ethan jeremy walter keith christian roger terry austin sean gerald carl harold dylan "
    "arthur lawrence jordan jesse bryan bruce gabriel joe logan alan juan albert willie elijah wayne "
    "randy vincent mason roy ralph bobby russell bradley philip eugene simon graham ian neil nigel stuart "
    "colin derek trevor liam oliver harry alfie oscar leo luke jim tom mike bob steve dave chris nick "
    "tony rob mary patricia jennifer linda elizabeth barbara susan jessica karen sarah lisa nancy sandra "
    "betty ashley emily kimberly margaret donna michelle carol amanda melissa deborah stephanie rebecca "
    "sharon laura cynthia dorothy amy kathleen angela shirley emma brenda pamela nicole anna samantha "
    "katherine christine debra rachel carolyn janet maria olivia heather helen catherine diane julie "
    "victoria joyce lauren kelly christina ruth joan virginia judith evelyn hannah andrea megan cheryl "
    "jacqueline madison teresa abigail sophia martha sara gloria janice kathryn ann isabella judy "
    "charlotte julia grace amber alice jean denise frances danielle marilyn natalie beverly diana "
    "brittany theresa kayla alexis doris lori tiffany elaine fiona claire lucy gemma nicola tracy "
    "lorraine maureen sheila gillian wendy hazel zoe chloe sophie amelia freya kate katie jane anne becky "
    "sue debbie liz jo jenny"
)

#: Of these, the ones that are words, makes of cars, towns or streets as well: a lone one is not masked.
AMBIGUOUS_EN = _words(
    "grace jack mason amber jordan austin madison virginia charlotte victoria christian ashley beverly "
    "lawrence jean will mark may june april rose joy hope faith dawn summer autumn holly ivy iris lily "
    "daisy heather hazel art bill bob rob sue pat drew chase grant frank earl duke dean carol harry jim "
    "john jack nick gene guy ray dale glen lane miles rich rusty sandy penny ginger charity logan tyler "
    "washington lincoln franklin jackson clay charles george james paul henry francis joseph thomas "
    "william mary anna kelly norman warren russell arthur albert harold walter douglas scott david joe "
    "terry carl roy philip peter ruth martha dennis bradley gerald eugene stuart derek wayne dorothy "
    "shirley evelyn gloria joan leo juan jose maria santa angela theresa teresa judy kim jo ann anne "
    "elizabeth martin alexander sara simon oscar robert edward patrick vincent kenneth stephen emma"
)

#: Surnames that are common in the United States and the United Kingdom (US Census 2010, ONS).
SURNAMES_EN = _words(
    "smith johnson williams brown jones garcia miller davis rodriguez martinez hernandez lopez gonzalez "
    "wilson anderson thomas taylor moore jackson martin lee perez thompson white harris sanchez clark "
    "ramirez lewis robinson walker young allen king wright scott torres nguyen hill flores green adams "
    "nelson baker hall rivera campbell mitchell carter roberts gomez phillips evans turner diaz parker "
    "cruz edwards collins reyes stewart morris morales murphy cook rogers gutierrez ortiz morgan cooper "
    "peterson bailey reed kelly howard ramos kim cox ward richardson watson brooks chavez wood james "
    "bennett gray mendoza ruiz hughes price alvarez castillo sanders patel myers long ross foster jimenez "
    "powell jenkins perry russell sullivan bell coleman butler henderson barnes fisher vasquez simmons "
    "patterson jordan reynolds hamilton graham ford gibson wallace khan ahmed ali begum hussain singh "
    "kaur shah chan chang chen wang wong murray o'brien o'connor o'neill ryan kennedy walsh doyle byrne "
    "fitzgerald burke lynch mccarthy gallagher doherty macdonald mcdonald davies griffiths owen lloyd "
    "rees palmer mason hunt knight stevens holmes webb simpson matthews chapman shaw mills ellis dixon "
    "elliott harvey payne pearson fletcher barker marshall cole atkinson dawson"
)

#: Of these, the ones that are everyday words as well.
WORDS_EN = _words(
    "brown white young king hill green baker hall parker cook cooper price wood gray long bell butler "
    "fisher ford ward cruz reed cox mason hunt knight mills barker cole ross foster perry moore miller "
    "taylor turner walker carter martin lee howard jordan jackson thomas james scott"
)
