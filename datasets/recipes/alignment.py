# ruff: noqa: E501 - a row of a table stays on one line
"""The alignment tables of the eight clients: goals, links, answers, systems, people, work.

Answers are drawn around how mature each client is: some are missing, some outdated, one
contradicts another. The juice bar has compared nothing and measured little; the jeweller keeps no
list of who can run what.
"""

from __future__ import annotations

import csv
import datetime as dt
import random
from pathlib import Path

from recipes.blocks import Cells, parse_block
from recipes.recipe import AS_OF

__all__ = ["alignment_tables"]

ITEMS = Path(__file__).resolve().parents[1] / "reference" / "assessment_items.csv"

GOALS_HEAD = "goal|weight|metric|baseline|target|actual|date|feasibility|theme|worth\n"
GOALS = {
    "beauty-rep": """
more repeat orders|3|orders per customer a year|4.1|5.5|4.6|2026-12-31|0.7|customers|9000
more of them sell|3|team members with a sale a month|9|14|9|2026-12-31|0.5|growth|7500
reach beyond parties|2|||||||growth|
stay open|2|days without a list|5|1|4|2026-09-30|0.9|resilience|2500
""",
    "carrier-store": """
depend less on one carrier|4|share of margin from one carrier|0.82|0.6|0.8|2027-06-30|0.4|resilience|60000
fewer lost sales|3|sales lost for want of stock a week|21|8|17|2026-12-31|0.7|growth|48000
earn without the carrier|3|repairs a week|34|60|41|2026-12-31|0.6|growth|52000
sell through others|2|||||||growth|
stay open|2|days without tills|3|0|2|2026-10-31|0.9|resilience|9000
spend less|1|bookkeeping programs|2|1|2|2026-09-30|0.9|efficiency|4200
""",
    "channel-software": """
faster quotes|4|days from request to quote|6|2|5|2026-12-31|0.6|efficiency|240000
depend less on one partner|5|share of partner sales of one|0.46|0.3|0.46|2027-12-31|0.4|resilience|310000
more of them sell|3|partners with a sale this year|17|24|18|2027-06-30|0.5|growth|280000
partners renew earlier|2|||||||customers|
stay open|3|hours to be back after a failure|30|4|26|2026-12-31|0.8|resilience|90000
stay safe|2|laptops out of support|14|0|9|2026-10-31|0.9|compliance|25000
""",
    "family-clinic": """
stay open|5|hours to be back after a failure|48|8|40|2026-12-31|0.7|resilience|60000
stay safe|4|computers out of support|9|0|6|2026-10-31|0.9|compliance|30000
less typing|3|minutes of typing a visit|7|3|6|2027-03-31|0.7|efficiency|44000
fuller days|3|empty appointments a week|19|8|15|2026-12-31|0.6|growth|52000
keep patients|2|||||||customers|
""",
    "jewellery-shop": """
stand apart|4|rings designed by customers a year|6|30|11|2027-06-30|0.5|customers|42000
be found|3|first-page searches|2|8|3|2026-12-31|0.7|growth|18000
more wedding rings|3|wedding rings a year|96|130|101|2027-06-30|0.5|growth|34000
stay open|2|||||||resilience|
""",
    "juice-bar": """
keep the franchise|5|points of the franchisor's audit|71|90|74|2026-11-30|0.6|resilience|70000
shorter lines|3|minutes waited at noon|9|5|8|2026-12-31|0.8|customers|21000
quiet mornings|2|||||||growth|
less overtime|2|hours of overtime a week|18|8|15|2026-12-31|0.7|efficiency|7600
""",
    "machine-shop": """
win more orders|4|quotes won|0.21|0.3|0.23|2027-06-30|0.5|growth|120000
quote faster|4|days to quote|9|2|8|2026-12-31|0.6|efficiency|88000
less scrap|3|scrap of material|0.041|0.025|0.038|2027-03-31|0.7|efficiency|46000
stay open|3|hours to be back after a failure|36|8|30|2026-12-31|0.9|resilience|40000
keep key customers|3|||||||customers|
""",
    "one-make-garage": """
depend less on one maker|5|Umsatzanteil der Marke|0.72|0.5|0.71|2027-06-30|0.4|resilience|62000
serve electric cars|4|electric cars a month|3|14|4|2027-06-30|0.6|growth|31000
fuller days|3|empty bays a week|7|3|6|2026-12-31|0.7|growth|14500
stay open|2|days without job data|3|1|3|2026-10-31|0.9|resilience|5200
less waiting|1|||||||customers|
""",
}

LINKS_HEAD = "goal|technology|support|fit|yearly_cost\n"
LINKS = {
    "beauty-rep": "more repeat orders|customer list|0.6|0.4|120\nmore repeat orders|messages|0.4|0.7|0\nmore of them sell|team chat|0.4|0.5|0\nstay open|laptop|0.5|0.4|300\nreach beyond parties|live video|0.5|0.6|180\n",
    "carrier-store": "fewer lost sales|Tillwise tills|0.6|0.4|5200\nfewer lost sales|stock sheets|0.4|0.3|0\nearn without the carrier|repair bench system|0.5|0.6|1800\nsell through others|dealer mailing list|0.4|0.3|0\nstay open|shop computers|0.5|0.3|2100\nspend less|Copperleaf Books|0.6|0.5|1900\ndepend less on one carrier|carrier portal|0|0|0\nwin new shops|billboard|0.3|0.3|14400\n",
    "channel-software": "faster quotes|quote tool|0.7|0.5|22000\nfaster quotes|price lists|0.4|0.3|0\ndepend less on one partner|partner portal|0.3|0.5|26000\nmore of them sell|partner portal|0.5|0.5|0\npartners renew earlier|customer records|0.5|0.6|18600\nstay open|hosting|0.6|0.6|84000\nstay safe|device management|0.7|0.6|11000\nmore of them sell|second office suite|0|0|7300\n",
    "family-clinic": "stay open|health records|0.6|0.5|38000\nstay open|file server|0.4|0.3|2200\nstay safe|examination room computers|0.5|0.2|1700\nstay safe|secure mail|0.5|0.6|2400\nless typing|intake forms on paper|0.2|0.2|0\nfuller days|calendar|0.6|0.6|4100\nkeep patients|patient portal|0.6|0.5|8800\n",
    "jewellery-shop": "stand apart|design bench software|0.5|0.5|1100\nbe found|online shop|0.5|0.6|1700\nbe found|newspaper|0.1|0.3|6200\nmore wedding rings|customer list|0.5|0.4|240\nstay open|tills|0.5|0.6|900\n",
    "juice-bar": "keep the franchise|franchisor's portal|0.6|0.5|0\nshorter lines|tills|0.6|0.3|1400\nless overtime|rota on paper|0.3|0.4|0\n",
    "machine-shop": "win more orders|web page|0.3|0.4|1200\nquote faster|Ledgerforge ERP|0.6|0.3|16361\nquote faster|Mastercam|0.4|0.6|11324\nless scrap|Spindlewise machine monitoring|0.5|0.5|12768\nless scrap|Coordinate measuring machine|0.5|0.7|4300\nstay open|Brightwater Backup|0.6|0.6|3434\nstay open|Boxwood Vault|0.4|0.3|1642\nkeep key customers|order status calls|0.3|0.5|0\nkeep key customers|Zoom|0|0|768\n",
    "one-make-garage": "serve electric cars|diagnosis laptops|0.5|0.4|1900\nfuller days|telephone|0.4|0.5|600\nstay open|job system|0.5|0.5|2300\nless waiting|bookkeeping by hand|0.3|0.4|0\ndepend less on one maker|maker's portal|0|0|1900\n",
}

JUDGED = {
    "channel-software": """
judge|goal_a|goal_b|ratio
Ines|depend less on one partner|faster quotes|2
Ines|depend less on one partner|more of them sell|3
Ines|faster quotes|more of them sell|2
Ines|faster quotes|stay open|1
Ines|stay open|stay safe|2
Ines|more of them sell|partners renew earlier|2
Tom|depend less on one partner|faster quotes|1
Tom|stay open|partners renew earlier|2
Tom|faster quotes|stay safe|3
""",
    "machine-shop": """
judge|goal_a|goal_b|ratio
Dana|win more orders|quote faster|1
Dana|win more orders|less scrap|3
Dana|quote faster|less scrap|0.25
Dana|less scrap|stay open|2
Dana|stay open|keep key customers|1
Dana|win more orders|stay open|4
Dana|quote faster|keep key customers|2
""",
    "family-clinic": """
judge|goal_a|goal_b|ratio
Dr Lowe|stay open|stay safe|1
Dr Lowe|stay open|less typing|3
Dr Lowe|stay safe|less typing|2
Dr Lowe|less typing|fuller days|1
Dr Lowe|fuller days|keep patients|2
""",
}

JOINTS_HEAD = "system_a|system_b|needed|live|effort|hours\n"
JOINTS = {
    "beauty-rep": "customer list|brand portal|yes|no|400|55\nlive video|customer list|no|no|0|0\n",
    "carrier-store": "tills|stock sheets|yes|no|4800|520\ntills|bookkeeping|yes|yes|0|0\ncarrier portal|tills|yes|no|9000|260\nrepair bench system|tills|yes|no|1500|140\n",
    "channel-software": "quote tool|customer records|yes|no|26000|1400\npartner portal|customer records|yes|no|38000|900\nprice lists|quote tool|yes|no|9000|760\nsupport desk|customer records|yes|yes|0|0\nhosting|status page|yes|yes|0|0\n",
    "family-clinic": "health records|claims|yes|yes|0|0\nintake forms|health records|yes|no|9500|820\nfax|health records|yes|no|6200|540\ncalendar|health records|yes|yes|0|0\n",
    "jewellery-shop": "tills|online shop|yes|no|2600|210\ntills|register|yes|no|1800|120\n",
    "juice-bar": "tills|franchisor's portal|yes|no|1200|150\nrota|payroll|yes|no|900|90\n",
    "machine-shop": "Ledgerforge ERP|Mastercam|yes|no|14000|610\nLedgerforge ERP|quote sheets|yes|no|6500|420\nSpindlewise|Ledgerforge ERP|yes|no|8200|180\nCoordinate measuring machine|quality records|yes|no|4800|230\nLedgerforge ERP|label printers|yes|yes|0|0\n",
    "one-make-garage": "job system|bookkeeping|yes|no|1900|160\nmaker's portal|job system|yes|no|3400|130\ntelephone|calendar|no|no|0|0\n",
}

ABLE_HEAD = "system|person|level|training_hours\n"
ABLE = {
    "beauty-rep": "brand portal|Nadia|3|4\nlive video|Nadia|2|6\nlive video|Team lead|3|5\n",
    "carrier-store": "tills|Elm Road lead|3|6\ntills|Station lead|3|4\nstock sheets|Owner|3|0\ncarrier portal|Owner|3|8\nrepair bench system|Harbour lead|2|3\n",
    "channel-software": "quote tool|Ines|3|8\nquote tool|Ravi|3|6\nhosting|Ravi|3|20\nportal for partners|Sofia|3|5\nmap data import|Owen|3|0\ncustomer records|Ines|3|4\ncustomer records|Mei|3|6\n",
    "family-clinic": "health records|Dr Lowe|3|4\nhealth records|Front desk|2|6\nclaims|Paula|3|10\nfile server|Fernhill IT|3|0\npatient portal|Front desk|3|4\n",
    "juice-bar": "tills|Manager|3|0\nrota|Manager|3|0\n",
    "machine-shop": "Ledgerforge ERP|Marta|3|12\nMastercam|Olek|3|16\nMastercam|Jin|2|8\n5-axis mill|Olek|3|10\nSpindlewise|Ray|2|2\nquality records|Dana|3|0\n",
    "one-make-garage": "job system|Sevim|3|2\ndiagnosis laptops|Jörg|3|24\ndiagnosis laptops|Lena|3|18\nbookkeeping|Sevim|3|0\n",
}

WORK_HEAD = "task|hours|wage|share_low|share_high|tool_cost\n"
WORK = {
    "beauty-rep": "reminding customers that run out|160||0.5|0.9|240\nwriting parties into the calendar|60||0.3|0.8|0\n",
    "carrier-store": "counting stock in three shops|620||0.4|0.7|3600\ntyping repairs twice|210||0.6|0.9|600\nchecking the carrier's share|180|32|0.2|0.6|900\n",
    "channel-software": "6,000 quotes for partners|4800||0.25|0.6|42000\ndesign checks|1500|62|0.1|0.4|18000\ncredit checks|320||0.5|0.9|2400\nchasing late payment|410||0.3|0.7|3000\n",
    "family-clinic": "typing intake forms|1050|24|0.5|0.8|4200\nsending referrals by fax|620|24|0.5|0.9|2600\nreminding patients|540|24|0.7|0.95|1800\ncalling about empty appointments|380|24|0.3|0.7|1500\n",
    "jewellery-shop": "writing stock into two lists|230||0.6|0.9|420\nanswering the same questions|260||0.2|0.5|300\n",
    "juice-bar": "writing the rota|190||0.4|0.8|480\nordering fruit|150||0.3|0.7|600\ncounting the tills|260||0.3|0.6|0\n",
    "machine-shop": "quoting from drawings|1400|38|0.2|0.6|9500\ntyping parts into the ERP|520||0.5|0.9|2400\nwriting inspection reports|460||0.4|0.8|1800\nanswering where is my order|330|38|0.5|0.9|1500\n",
    "one-make-garage": "Termine am Telefon|520||0.3|0.7|900\nRechnungen tippen|240||0.5|0.9|480\nwages by hand|110|38|0.7|0.95|620\n",
}

ROOM_HEAD = "resource|kind|load|capacity|extend_cost\n"
ROOM = {
    "beauty-rep": "Nadia's hours a week|people|46|50|0\n",
    "carrier-store": "counter hours a week|people|520|560|21000\nrepair bench repairs a week|space|41|48|16000\nstock cash|money|190000|220000|9000\n",
    "channel-software": "quote desk hours a month|people|510|560|68000\nonboarding places a quarter|people|4|5|45000\nhosting load|system|62|100|14000\ncustomer record seats|seats|55|60|3600\n",
    "family-clinic": "front desk hours a week|people|196|200|41000\nexamination rooms hours a week|space|210|250|30000\nrecords licences|seats|24|26|5200\nfile server disk|system|1.7|2|1200\n",
    "jewellery-shop": "bench hours a week|people|88|110|28000\nsafe|space|0.7|1|4000\n",
    "juice-bar": "noon counter cups an hour|people|118|124|19000\nfreezer|space|0.9|1|6400\n",
    "machine-shop": "5-axis hours a week|space|96|110|385000\nmachinists' hours a week|people|690|720|74000\nquoting hours a week|people|34|36|31000\nERP licences|seats|20|20|820\n",
    "one-make-garage": "bays a week|space|172|200|18000\nmechanics' hours a week|people|268|300|52000\ndiagnosis licences|seats|3|3|1400\n",
}

HELD_HEAD = "resource|value|rarity|imitability|substitutability|evidence\n"
HELD = {
    "beauty-rep": "trust of 128 customers|0.8|0.6|0.3|0.4|reorders\ncatalogue of the brand|0.6|0.1|0.9|0.7|every representative has it\n",
    "carrier-store": "repairs while people wait|0.7|0.6|0.5|0.5|queue on Saturdays\ncarrier licence|0.8|0.2|0.4|0.8|the carrier sells online too\n",
    "channel-software": "design rules of 20 years|0.9|0.8|0.2|0.3|partners ask for them\nmap data licence|0.7|0.2|0.9|0.8|anyone can buy it\n",
    "family-clinic": "families that stay for generations|0.8|0.6|0.3|0.3|patients over ten years\n",
    "jewellery-shop": "master goldsmith|0.9|0.8|0.2|0.3|two prizes\nonline shop|0.6|0.1|0.9|0.8|as others have\n",
    "machine-shop": "five-axis experience|0.8|0.7|0.4|0.4|parts nobody else quotes\nISO certificate|0.7|0.2|0.7|0.6|all rivals have it\n",
    "one-make-garage": "Stammkunden|0.8|0.5|0.3|0.4|980 customers\nmaker's licence|0.8|0.6|0.6|0.9|ends in December\n",
}

INSURED = {
    "channel-software": "insurer|premium|deductible|cover\nHollin Mutual|9800|25000|1000000\n",
    "family-clinic": "insurer|premium|deductible|cover\nPemberton Specialty|6400|10000|500000\n",
}

# what the adviser added to the computed strengths and threats, reworded, and took out
EDITED = {
    "channel-software": """
kind|entry|why|replaces|keep
strength|utilities ask for our people by name|three tenders of this year||yes
threat|one partner could leave with half of the sales|its contract ends within two years||yes
threat|A bad year of cyber incidents, one in a hundred|insured since March, see the policy||no
""",
}
# mean level of answers, and who answers
MATURE = {
    "beauty-rep": (1.6, "Nadia"), "carrier-store": (1.9, "owner"), "channel-software": (3.0, "Ines"),
    "family-clinic": (2.4, "practice manager"), "jewellery-shop": (2.1, "owner"),
    "machine-shop": (2.3, "Dana"), "one-make-garage": (2.0, "Sevim"),
}  # fmt: skip
SHOWN = ("seen on site", "minutes", "invoice", "list of systems", "told by staff", "screenshot")


def alignment_tables(client: str) -> dict[str, list[Cells]]:
    """Give a client's alignment tables; it lacks those it has no text for."""
    blocks = (
        ("goals", GOALS_HEAD, GOALS), ("links", LINKS_HEAD, LINKS), ("judgements", "", JUDGED),
        ("integrations", JOINTS_HEAD, JOINTS), ("skills", ABLE_HEAD, ABLE),
        ("tasks", WORK_HEAD, WORK), ("capacity", ROOM_HEAD, ROOM), ("resources", HELD_HEAD, HELD),
        ("insurance", "", INSURED), ("swot", "", EDITED),
    )  # fmt: skip
    tables = {
        name: parse_block(head + texts[client].strip("\n"))
        for name, head, texts in blocks
        if client in texts
    }
    if client in MATURE:
        tables["assessment"] = _answers(client, *MATURE[client])
    return tables


def _answers(client: str, mean: float, who: str) -> list[Cells]:
    """Answers around the client's maturity, drawn from a stream named after it."""
    draw = random.Random(f"{client}/assessment")  # noqa: S311
    with ITEMS.open(newline="") as lines:
        # of the people, the samples' players table tells
        items = [row["item"] for row in csv.DictReader(lines) if row["area"] != "people"]
    rows = []
    for item in items:
        if draw.random() < 0.12:
            continue
        level = str(min(5, max(0, round(draw.gauss(mean, 1.1)))))
        age = draw.randrange(20, 330) if draw.random() > 0.12 else draw.randrange(420, 900)
        day = _plain(AS_OF - dt.timedelta(days=age))
        shown = draw.choice(SHOWN) if draw.random() > 0.06 else ""
        rows.append({"item": item, "level": level, "evidence": shown, "date": day, "assessor": who})
    first = rows[3]
    rows.append({**first, "level": str((int(first["level"]) + 3) % 6), "assessor": "adviser"})
    return rows


def _plain(day: dt.date) -> str:
    """A day that no file can read in two ways."""
    return day.replace(day=13 + day.day % 15).isoformat()
