# ruff: noqa: E501 - a row of a table stays on one line
"""The ecosystem tables of the eight clients: players, flows, selling, one way, tools, message.

Some clients have asked everybody, some hardly anybody; some answers are two years old, and the
carrier store's counts contradict one another.
"""

from __future__ import annotations

import random

from recipes.blocks import Cells, parse_block
from recipes.recipe import AS_OF

__all__ = ["ecosystem_tables"]

PLAYERS = {
    "beauty-rep": """
player|count|required|health|evidence|asked|weight|margin|gets|gives
suspects|320|300|||||||
prospects|46|60|0.6|replies to messages|2026-05-20|1|||
clients|128|150|0.7|reorders within 90 days|2026-05-20|1|310|samples, advice|orders
advocates|17|20|0.8|host a party a year|2026-05-20|1|620|gifts|introductions
associates|14|18|0.35|five of fourteen sold nothing for a quarter|2026-05-20|1||starter kits|team sales
vendors|2|2|0.5|brand changed its commission twice|2024-03-21|1||orders|products
partners||3|||||||
""",
    "carrier-store": """
player|count|required|health|evidence|asked|weight|margin|gets|gives
suspects|9000|8000|||||||
prospects|260|420|0.5|walk-ins asked at the door|2026-04-20|1|||
clients|5200|5600|0.45|survey after repair|2026-04-20|1.5|58|phones, plans, repairs|monthly share
advocates|310|400|0.6|reviews|2026-04-20|1|96|discounts|reviews
associates|14|16|0.4|four left since last summer|2026-04-20|1||commission|sales
vendors|6|5|0.3|carrier cut the share and sells online|2026-04-20|1.5||sales|phones, plans
partners|9|12|0.55|five of nine order monthly|2026-04-20|1||training|orders
""",
    "channel-software": """
player|count|required|health|evidence|asked|weight|margin|gets|gives
suspects|1400|1500|||||||
prospects|190|260|0.6|trial users asked|2026-05-28|1|||
clients|640|680|0.65|support survey|2026-05-28|1.5|9800|software, support|licences
advocates|48|70|0.75|named references|2026-05-28|1|16500|early versions|references
associates|62|70|0.55|yearly survey, 6,000 quotes a year|2026-05-28|1||pay, training|quotes, design checks
vendors|9|9|0.7|yearly talks|2026-05-28|0.7||fees|hosting, map data
partners|31|30|0.35|nine of 31 never sold|2026-05-28|1.5||margin, quotes|sales
""",
    "family-clinic": """
player|count|required|health|evidence|asked|weight|margin|gets|gives
suspects|4000|3500|||||||
prospects|85|110|0.5|calls not answered in a day|2026-06-22|1|||
clients|5100|5400|0.7|yearly patient survey|2026-06-22|1.5|118|care|visits
advocates|420|400|0.8|said they told a friend|2026-06-22|1|140|thanks|referrals
associates|22|25|0.3|turnover at the front desk|2026-06-22|1.5||pay|care
vendors|12|12|0.5|records firm answers in three days|2025-03-15|1||fees|software
partners|6|8|0.6|specialists asked|2026-06-22|1||referrals|referrals
""",
    "jewellery-shop": """
player|count|required|health|evidence|asked|weight|margin|gets|gives
suspects|2500|3000|||||||
prospects|70|120|0.4|enquiries without an answer|2026-05-18|1|||
clients|860|900|0.75|letters and reviews|2026-05-18|1|210|rings, repairs|purchases
advocates|64|60|0.85|brought a friend|2026-05-18|1|340|invitations|friends
associates|7|7|0.7|talks twice a year|2026-05-18|1||pay|craft
vendors|5|5|0.65|makers visited|2026-05-18|1.5||orders|pieces
partners|1|4|||||||
""",
    "juice-bar": """
player|count|required|health|evidence|asked|weight|margin|gets|gives
suspects|6000|6000|||||||
prospects|300|350||||1|||
clients|1450|1600|0.6|cards by the till|2026-06-18|1|88|juices|visits
advocates|95|120|0.7|posts about us|2026-06-18|1|150|free sizes|posts
associates|11|14|0.25|nine of eleven new this year|2026-06-18|1.5||pay|service
vendors|4|4|0.4|franchisor sold, refit asked|2026-06-18|1.5||royalties|brand, fruit
""",
    "machine-shop": """
player|count|required|health|evidence|asked|weight|margin|gets|gives
suspects|180|250|||||||
prospects|34|45|0.35|quotes take nine days|2026-06-16|1|||
clients|41|44|0.7|supplier scorecards|2026-06-16|1.5|26500|parts on time|orders
advocates|7|10|0.8|named us to a buyer|2026-06-16|1|52000|priority|introductions
associates|28|31|0.6|two machinists short|2026-06-16|1.5||pay, training|skill
vendors|14|14|0.5|castings late since autumn|2026-06-16|1||orders|material
partners|6|7|0.45|one agent without an order|2024-11-20|1||commission|orders
""",
    "one-make-garage": """
player|count|required|health|evidence|asked|weight|margin|gets|gives
suspects|1500|1500|||||||
prospects|40|55|0.6|callers asked|2026-05-19|1|||
clients|980|1000|0.75|cards after service|2026-05-19|1|190|repairs|orders
advocates|85|80|0.8|sent a neighbour|2026-05-19|1|260|thanks|neighbours
associates|9|10|0.65|talks in spring|2026-05-19|1||pay, courses|skill
vendors|7|7|0.2|maker closes workshops, licence ends in December|2026-05-19|2||fees|brand, parts, data
partners|2|3|0.5||2026-05-19|1||work|towing
""",
}

# month by month on average: from, to, people
MOVES = {
    "carrier-store": "outside>suspect 900;suspect>prospect 410;suspect>lost 480;prospect>client 150;prospect>lost 330;client>advocate 12;client>lost 128;advocate>lost 9;advocate>prospect 31",
    "channel-software": "outside>suspect 120;suspect>prospect 46;suspect>lost 80;prospect>client 9;prospect>lost 36;client>advocate 1;client>lost 8;advocate>lost 1;advocate>prospect 3",
    "family-clinic": "outside>suspect 260;suspect>prospect 105;suspect>lost 150;prospect>client 78;prospect>lost 34;client>advocate 14;client>lost 66;advocate>lost 6;advocate>prospect 22",
    "jewellery-shop": "outside>suspect 140;suspect>prospect 42;suspect>lost 90;prospect>client 21;prospect>lost 30;client>advocate 3;client>lost 20;advocate>lost 1;advocate>prospect 8",
    "juice-bar": "outside>suspect 700;suspect>prospect 190;suspect>lost 480;prospect>client 90;prospect>lost 110;client>advocate 6;client>lost 92;advocate>lost 6;advocate>prospect 9",
    "machine-shop": "outside>suspect 11;suspect>prospect 6;suspect>lost 5;prospect>client 1;prospect>lost 5;client>lost 1;advocate>prospect 1",
    "one-make-garage": "outside>suspect 60;suspect>prospect 30;suspect>lost 28;prospect>client 17;prospect>lost 17;client>advocate 4;client>lost 15;advocate>lost 3;advocate>prospect 6",
}

SELLING = {
    "beauty-rep": """
who|player|hunting_hours|farming_hours|pressure|asked
Nadia|associates|14|6|2|2026-05-20
Team|associates|30|8|4|2026-05-20
""",
    "carrier-store": """
who|player|hunting_hours|farming_hours|pressure|asked
Elm Road shop|associates|110|22|5|2026-04-20
Station shop|associates|96|18|4|2026-04-20
Harbour shop|associates|88|30|3|2026-04-20
Sub-dealers|partners|60|5|4|2026-04-20
""",
    "channel-software": """
who|player|hunting_hours|farming_hours|pressure|asked
Direct sales|associates|180|60|3|2026-05-28
Partner managers|associates|50|70|3|2026-05-28
Largest partner's sellers|partners|300|40|4|2026-05-28
Customer success|associates|0|110||
""",
    "family-clinic": """
who|player|hunting_hours|farming_hours|pressure|asked
Front desk|associates|6|30|2|2026-06-22
""",
    "juice-bar": """
who|player|hunting_hours|farming_hours|pressure|asked
Counter|associates|12|3|3|2026-06-18
""",
    "machine-shop": """
who|player|hunting_hours|farming_hours|pressure|asked
Marta|associates|22|9|2|2026-06-16
Agents|partners|40|8|3|2026-06-16
""",
    "one-make-garage": """
who|player|hunting_hours|farming_hours|pressure|asked
Sevim|associates|5|9|1|2026-05-19
Jörg|associates|2|4||
""",
}

ONE_WAY = {
    "beauty-rep": """
channel|revenue|margin|pushed|unused|rework_hours|churn_pushed|churn_other|given|received
starter kits for the team|21000|0.22|0.7|4600|60|0.6|0.3|26000|7000
""",
    "carrier-store": """
channel|revenue|margin|pushed|unused|rework_hours|churn_pushed|churn_other|given|received
unlimited plans by quota|820000|0.17|0.45|0|620|0.38|0.21|60000|14000
device insurance|96000|0.4|0.75|0|340|0.55|0.2|9000|3000
accessory bundles|140000|0.38|0.5|16500|90|||12000|9000
""",
    "channel-software": """
channel|revenue|margin|pushed|unused|rework_hours|churn_pushed|churn_other|given|received
licence volume through the largest partner|2900000|0.32|0.35|0|2600|0.16|0.09|410000|120000
map data by committed volume|340000|0.2|0.3|58000|120|||22000|4000
""",
    "machine-shop": """
channel|revenue|margin|pushed|unused|rework_hours|churn_pushed|churn_other|given|received
blanket orders at volume price|460000|0.12|0.4|21000|310|||8000|3000
""",
    "one-make-garage": """
channel|revenue|margin|pushed|unused|rework_hours|churn_pushed|churn_other|given|received
service packages the maker asks for|118000|0.24|0.5|5200|95|||38000|9000
""",
}

TOOLS = {
    "beauty-rep": "live video,associates,prospects,180,yes;messages,associates,clients,0,yes;messages,associates,advocates,0,yes;team chat,associates,associates,0,yes;brand portal,associates,vendors,240,yes;web page builder,associates,suspects,312,no",
    "carrier-store": "billboard,associates,suspects,14400,yes;shop page,associates,prospects,1900,yes;text messages,associates,clients,2600,yes;dealer mailing list,associates,partners,0,no;carrier portal,associates,vendors,0,yes;review site,clients,prospects,600,yes;loyalty app,associates,advocates,3480,no",
    "channel-software": "web site,associates,suspects,9800,yes;webinars,associates,prospects,5400,yes;support desk,associates,clients,31000,yes;partner portal,associates,partners,26000,yes;customer records,associates,prospects,18600,yes;user forum,clients,clients,4200,no;status page,associates,clients,900,yes;supplier chat,associates,vendors,0,yes",
    "family-clinic": "telephone,associates,prospects,5200,yes;patient portal,associates,clients,8800,yes;fax,associates,partners,1400,yes;records service desk,associates,vendors,0,yes;practice page,associates,suspects,2100,yes",
    "jewellery-shop": "online shop,associates,prospects,1700,yes;letters,associates,clients,900,yes;evenings for friends,associates,advocates,1800,yes;newspaper,associates,suspects,6200,yes;telephone,associates,vendors,0,yes;photo app,clients,prospects,180,no",
    "juice-bar": "franchisor's app,associates,clients,2200,yes;social media,associates,suspects,0,yes;franchisor's portal,associates,vendors,0,yes;posts of guests,clients,prospects,0,yes",
    "machine-shop": "quotes by mail,associates,prospects,0,yes;order status calls,associates,clients,0,yes;web page,associates,suspects,1200,yes;agents' round letter,associates,partners,300,yes;purchase orders,associates,vendors,0,yes;trade show,associates,advocates,7800,yes",
    "one-make-garage": "radio,associates,suspects,4800,yes;telephone,associates,prospects,600,yes;service letters,associates,clients,700,yes;maker's portal,associates,vendors,1900,yes",
}

MESSAGE = {
    "beauty-rep": """
player|who|asked|known|different|ideal_client|fits|date
clients||15|11|8|||2026-05-20
associates||9|4|2|||2026-05-20
""",
    "carrier-store": """
player|who|asked|known|different|ideal_client|fits|date
clients||40|9|4|||2026-04-20
associates||14|8|5|||2026-04-20
partners|Bayline Phones|1|0|0|anyone with a broken phone|no|2026-04-20
partners|Crest Mobile|1|1|1|families with four lines|yes|2026-04-20
""",
    "channel-software": """
player|who|asked|known|different|ideal_client|fits|date
clients||60|38|29|||2026-05-28
associates||55|41|30|||2026-05-28
prospects||25|6|3|||2024-02-21
partners|Largest partner|1|1|0|any firm with a budget|no|2026-05-28
partners|Two integrators|2|2|2|utilities with own field crews|yes|2026-05-28
""",
    "family-clinic": """
player|who|asked|known|different|ideal_client|fits|date
clients||80|52|31|||2026-06-22
associates||20|14|9|||2026-06-22
partners|Heart specialists|1|1|1|families with children|yes|2026-06-22
""",
    "jewellery-shop": """
player|who|asked|known|different|ideal_client|fits|date
clients||25|21|17|||2026-05-18
prospects||12|3|2|||2026-05-18
partners|Wedding planner|1|1|0|large weddings|no|2026-05-18
""",
    "machine-shop": """
player|who|asked|known|different|ideal_client|fits|statement|date
clients||12|9|6||||2026-06-16
associates||20|12|7|||small series of difficult parts, measured before they leave|2026-06-16
partners|Lakeshore Technical Sales|1|0|0|anyone who needs turned parts|no||2026-06-16
partners|Aerolink Sourcing|1|1|1|aerospace firms with small series|yes||2026-06-16
""",
    "one-make-garage": """
player|who|asked|known|different|ideal_client|fits|date
clients||30|24|15|||2026-05-19
partners|Abschleppdienst|1|1||cars of this maker, older than five years|yes|2026-05-19
""",
}
MONTHS = 12


def ecosystem_tables(client: str) -> dict[str, list[Cells]]:
    """Give a client's ecosystem tables; it lacks those it has no text for."""
    tables = {
        name: parse_block(texts[client])
        for name, texts in (
            ("players", PLAYERS), ("selling", SELLING), ("one_way", ONE_WAY), ("message", MESSAGE),
        )
        if client in texts
    }  # fmt: skip
    columns = ("tool", "from_player", "to_player", "yearly_cost", "live")
    tables["touchpoints"] = [
        dict(zip(columns, line.split(","), strict=True)) for line in TOOLS[client].split(";")
    ]
    if client in MOVES:
        tables["flows"] = _flows(client, MOVES[client])
    return tables


def _flows(client: str, moves: str) -> list[Cells]:
    """Counts around their mean, month by month; drawn from a stream named after the client."""
    draw = random.Random(f"{client}/flows")  # noqa: S311
    rows = []
    for back in range(MONTHS - 1, -1, -1):
        index = AS_OF.year * 12 + AS_OF.month - 1 - back
        month = f"{index // 12}-{index % 12 + 1:02}-15"
        for move in moves.split(";"):
            ends, mean = move.rsplit(" ", 1)
            start, end = ends.split(">")
            count = max(0, round(draw.gauss(float(mean), float(mean) ** 0.5)))
            rows.append({"month": month, "from_stage": start, "to_stage": end,
                         "count": str(count)})  # fmt: skip
    return rows
