# ruff: noqa: E501 - a row of a table stays on one line
"""Harrow Lane: a family clinic whose records sit with one software firm."""

from __future__ import annotations

import datetime as dt

from recipes.blocks import parse_block, parse_vendors
from recipes.recipe import LEDGER_COLUMNS, Dialect, Recipe

__all__ = ["CLINIC"]

REGULAR = """
supplier|account|every|price|changes|seats|season|noise|from|until|memo
Harrow Lane Medical Building|Rent of premises|month:1|14200|2025-01 +3%; 2026-01 +3%|||0|||suite 200 and 210
Charthaven|Electronic health records software|month:3|549|2025-01 +6%; 2026-01 +8%|8; 2024-10 9; 2025-09 10||0|||# providers
Charthaven|Claims clearing software|month:3|1450|2025-01 +6%; 2026-01 +8%|||.06|||
Slotwise Booking|Online booking software|month:6|310|2025-08 +18%|||0|2024-05||
RemindRx Messages|Text messages to patients|month:8|245||||.12|||
Microsoft 365|Software subscriptions|month:10|22|2025-04 +5%|19; 2025-02 23; 2025-11 26||0|||# seats
Zoom|Software subscriptions|month:12|18.99|2025-06 +6%|8||0|||# telehealth licences
Copperleaf Books|Accounting software|month:5|96|2025-03 +9%; 2026-03 +11%|||0|||
Gusto|Payroll service fees|fortnight:5|8.5|2025-02 +8%|20; 2025-02 22||0|||# employees
BambooHR|HR software|month:14|210|2025-05 +10%|||0|||
Boxwood Vault|Cloud storage|month:24|219|2026-01 +15%|||0|2024-08||scanned charts
Brightwater Backup|Backup|month:4|330|2025-05 +8%|||0|||
CrowdStrike|IT security|year:08-19|3650|2025-08 +9%|||0|||30 devices
KnowBe4|IT security|year:11-05|780|2025-11 +7%|||0|||staff phishing tests
Fernhill IT|IT support|month:2|2450|2025-01 +5%; 2026-01 +6%|||0|||managed support
Comcast Business|Telephone and internet|month:11|419|2025-08 +7%|||.01|||
RingCentral|Telephone and internet|month:16|29|2025-03 +7%|22||0|||# extensions
Xerox|Copier lease|month:18|385|2025-10 +4%|||.03|||
Con Edison|Electricity|month:20|1850|2025-01 +6%||summer .3|.06|||
Northgate Gas|Natural gas heating|month:22|390|||winter .7|.09|||
Sterimed Waste|Medical waste removal|month:9|420|2025-02 +11%; 2026-02 +12%|||.04|||
Brightstep Cleaning|Cleaning|week:4|510|2025-04 +4%|||0|||
Cintas|Laundry and linen|week:2|138|2025-03 +4%|||.03|||
Physicians Mutual Cover|Malpractice insurance|quarter:1:6|16800|2025-01 +6%; 2026-01 +9%|||0|||
The Hartford|Insurance|month:13|690|2025-10 +7%|||0|||property
Paygrove|Card processing fees|month:7|1120|2026-02 +8%|||.12|||
Wells Fargo|Bank charges|month:30|74||||.2|||
Wickfield Accountants|Accountancy fees|month:25|1150|2025-07 +6%|||0|||
Mapleline Locums|Temporary staff physicians|month:28|9200|||summer .35|.3|||
Sonograph Leasing|Equipment lease|month:15|2350|||||||ultrasound
Tri-County Answering Service|Telephone answering service|month:19|395|2025-06 +8%|||.03|||
Lanternpost Web|Website|quarter:3:9|1150|||||||
Harrow Gazette|Newspaper advertising|month:17|420||||||2025-06|
Rentokil|Pest control|quarter:2:21|165|||||||
"""

OCCASIONAL = """
supplier|account|yearly|typical|spread|season|from|until|memo
Henry Schein|Medical supplies|96|1450|.7||||order #
McKesson|Medical supplies|88|1700|.7|winter .2|||order #
Vaxline Distributors|Medical supplies vaccines|42|5600|.6|autumn .6|||
Meridian Reference Lab|Laboratory subcontract|52|3100|.4||||statement #
Cardinal Exam Supply|Medical supplies|36|310|.8||||
Staples|Office supplies|44|124|.7||||
Amazon Business|Office supplies|70|66|.9||||
USPS|Postage|26|68|.6||||
FedEx|Courier|40|38|.6||||
Google Ads|Online advertising|14|360|.4||||
Meta Ads|Social media advertising|10|180|.4||2025-02||
Fernhill IT|IT support|8|680|.6||||project hours
Dell|Computer hardware|5|1650|.6||||
CDW|Computer hardware|5|520|.7||||
Charthaven|EHR training courses|3|900|.3||||
Stonecut Legal|Legal fees|4|1600|.6||||
Indeed|Recruitment advertising|14|320|.4||||
LinkedIn Learning|Training|3|290|.3||||
Continuing Medical Seminars|Continuing education|12|740|.5||||
Halden Biomedical|Equipment repairs and calibration|10|560|.6||||
Home Depot|Repairs and maintenance|12|96|.8||||
State Medical Board|Licenses and permits|5|610|.4||||
Uber|Travel|10|32|.5||||
Credential Partners|Professional fees|4|850|.4||||provider enrolment
"""

OUTAGES = """
vendor|outage_hours|outage_cost_hour
Charthaven|26|640
"""

VENDORS = """
vendor|relation|role|founded|size|sector|owner|crit|share|records|value|switch|retool|prepaid|weeks|margin|hubs|have|brand
Charthaven|indirect|health records and claims|2013|210|information|venture|5|0.85|18500|4|62000|24000|5500|4|19000|Nimbra Cloud:0.3||3434434
Slotwise Booking|indirect|online booking|2022|10|information|venture|4|0.3|16000|0.4|4200|1500|620|1|3600|Nimbra Cloud:0.4||5515555
RemindRx Messages|indirect|reminders to patients|2018|24|information|private|3|0.08|16000|0.1|1800|400|0|1|1700|Signalbarn Text Gateway:0.5|2|4424445
Copperleaf Books|indirect|bookkeeping software|2019|45|information|venture|3|0|9000|0.6|3900|800|0|1|500|Nimbra Cloud:0.25|x|5535445
Boxwood Vault|indirect|scanned charts|2023|9|information|venture|4|0.05|64000|1.1|8800|1600|2600|2|2400|Nimbra Cloud:0.4||5415434
Brightwater Backup|indirect|backup|2020|18|information|venture|4|0|0|0|3100|500|0|0.5|800|Nimbra Cloud:0.3|x|4435334
Fernhill IT|indirect|IT support|2011|14|professional|private|4|0|900|6|9500|1800|0|2|5200|||4444442
Lanternpost Web|indirect|web agency|2016|6|professional|private|2|0.04|200|3|3900|0|0|1|600|Quayside Hosting:0.3||3434443
Quayside Hosting|indirect|web hosting of the agency|2014|22|information|private|2|0.04|500|0.5|900|0|0|0.5|600|||3342324
Meridian Reference Lab|direct|laboratory|1998|320|health|private|4|0.22|12000|0.8|6500|2200|0|1.5|5400||2|3353-43
Vaxline Distributors|direct|vaccines|2004|75|wholesale|private|4|0.1|0|0|1500|0|3800|2|2300||2|3444-33
Mapleline Locums|indirect|stand-in physicians|2015|28|administrative|private|3|0.12|0|0|2500|0|0|1.5|4600||2|3334-43
Sterimed Waste|indirect|medical waste|2009|140|administrative|private|4|0.5|0|0|1400|0|0|1|4800|||2243-22
Halden Biomedical|indirect|device calibration|2007|8|professional|private|3|0.15|900|1|1900|0|0|1|1500||2|3343-32
Sonograph Leasing|indirect|ultrasound lease|1996|55|finance|private|3|0.08|0|0|5200|1200|2350|2|1600|||3233-32
Tri-County Answering Service|indirect|telephone after hours|1983|21|administrative|private|3|0.05|0|0|1100|0|0|0.7|1400||2|2132121
Physicians Mutual Cover|indirect|malpractice cover|1961|680|finance|private|5|1|0|0|9500|0|8400|1|17000||2|2243-22
Paygrove|indirect|card payments|2012|380|finance|public|3|0.15|0|0|1500|700|0|0.5|2600||2|4344445
Wickfield Accountants|indirect|accountant|1994|11|professional|private|3|0|4800|1.1|4800|0|0|1|400||x|2243222
Northgate Health Plan|direct|insurer of a third of the patients|1979|2600|finance|private|5|0.34|0|0|15000|4000|0|6|6800|||2233-33
"""

EVENTS = """
vendor|date|kind|note
Charthaven|2026-03-12|ownership|bought by a larger records firm
Charthaven|2026-06-18|policy|old version ends in March 2028
Slotwise Booking|2025-11-25|personnel|chief engineer left
Boxwood Vault|2025-12-16|policy|free export withdrawn, export now on request
Meridian Reference Lab|2025-07-22|structure|two branches closed
Northgate Health Plan|2026-05-14|environment|fee schedule under review by the state
"""

MITIGATIONS = """
vendor|option|yearly_cost|probability_factor|loss_factor
Charthaven|quarterly full export, restored once|4200|1|0.5
Charthaven|source code and data in escrow|9600|1|0.65
Charthaven|paper forms for two weeks' work|700|1|0.85
Slotwise Booking|weekly export of appointments|120|1|0.4
Boxwood Vault|monthly export|420|1|0.35
Boxwood Vault|move charts into the health records|2600|0.1|0.4
Sterimed Waste|second licensed carrier|900|1|0.4
Northgate Health Plan|contract with a further health plan|3500|1|0.7
"""

SUPPLIERS = """
name|aliases|capability|category
Charthaven|CHARTHAVEN EHR;CHARTHAVEN INC|health records|business software
Slotwise Booking|SLOTWISE;SLOTWISE.COM|online booking|business software
RemindRx Messages|REMINDRX|reminders to patients|business software
Vaxline Distributors|VAXLINE|vaccines|materials
Sterimed Waste|STERIMED|medical waste|utilities
"""

NAMES = """
raw|vendor
PAYGROVE 410|Paygrove
"""

CONTRACTS = """
vendor|capability|start|end|notice_days|auto_renew|annual_price|seats_paid|seats_active|uplift
Charthaven|health records|2024-01-01|2026-12-31|180|yes|75422|10|9|0.08
Charthaven|claims|2024-01-01|2026-12-31|180|yes|19919|||0.08
Slotwise Booking|online booking|2025-08-06|2026-08-05|60|yes|4390|||0.18
Microsoft 365|office suite|2025-11-10|2026-11-09|30|yes|7207|26|19|0.05
Zoom|video visits|2025-06-12|2026-12-11|30|yes|1932|8|3|0.06
Boxwood Vault|file storage|2024-08-24|2026-08-23|90|yes|3022|||0.15
Brightwater Backup|backup|2025-05-04|2026-11-03|60|no|4277|||0.08
CrowdStrike|endpoint security|2025-08-19|2026-08-18|45|yes|3979|30|27|0.09
Fernhill IT|IT support|2024-01-01|2026-12-31|90|yes|32722|||0.06
RingCentral|telephone|2025-03-16|2027-03-15|90|yes|8192|22|17|0.07
Xerox|copiers|2022-10-18|2026-10-17|90|yes|4805|||0.04
BambooHR|HR|2025-05-14|2027-05-13|45|yes|2772|24|22|0.1
Sonograph Leasing|ultrasound|2023-02-15|2028-02-14|90|no|28200|||
Tri-County Answering Service|telephone answering|2025-06-19|2026-06-18|30|yes|5119|||0.08
Harrow Lane Medical Building|premises|2021-01-01|2028-12-31|270|no|180778|||0.03
"""

ASSETS = """
technology|vendor|capability|cost|in_service|salvage|yearly_cost|staff_hours|end_of_life|integrates_with
Windows Server 2016|Microsoft|file server|7800|2017-09-20|0|1250|64|2027-01-12|Examination room computers (12)
Examination room computers (12)|Dell|computers|13200|2019-01-17|200|980|96|2025-10-14|Charthaven
Front-desk computers (5)|Dell|computers|6100|2023-04-19|900|240|18||Charthaven;Slotwise Booking
Electrocardiograph|Brellmark|diagnosis|9800|2015-06-23|400|620|30|2026-12-31|Charthaven
Ultrasound|Sonograph Leasing|diagnosis|62000|2023-02-15|24000|2900|18||
Vaccine refrigerators (2)|Brellmark|cold store|7400|2018-11-14|300|480|22||
Fax server|Aldwin|fax|1900|2013-05-28|0|260|140||Charthaven
Wireless network|Ubiquiti|network|3800|2020-08-25|100|140|14||
"""

INITIATIVES = """
id|name|goal|purpose|owner|cost_per_quarter|hours_per_quarter|benefit_low|benefit_mode|benefit_high|p_success|earliest|deadline|duration|after|mandatory|synergy_with|tags|replaces
rooms|Replace examination room computers|stay safe|contain|Imani|13800|80|2500|9500|17000|0.95|2026-07-01|2026-12-31|1||yes|intake|security|Examination room computers (12)
server|Retire the file server|stay safe|contain|Imani|5200|60|1500|6800|12000|0.9|2026-10-01|2027-03-31|1||yes||security;cloud|Windows Server 2016
intake|Patients fill in forms on their phone|less typing|reduce|Ruth|4300|110|6000|31000|52000|0.7|2026-10-01||1|rooms|||mobile;customer experience;automation|
fax|Referrals by secure message instead of fax|faster referrals|reduce|Ruth|1900|60|2500|11500|19000|0.75|2026-07-01||2||||integration;quick win|Fax server
noshow|Waiting list fills cancelled appointments|fuller days|generate|Ruth|1600|45|4000|26500|44000|0.7|2026-07-01||1||||automation;data|
video|Video visits for chronic care|keep patients|differentiate|Dr. Sayed|5200|120|-3000|34000|78000|0.55|2027-01-01||2|intake|||customer experience;niche|
export|Tested export of health records|stay open|contain|Imani|1800|50|1000|12500|30000|0.85|2026-07-01||1||yes|migrate|security;data|
migrate|Prepare for the end of the old records version|stay open|contain|Imani|7600|150|0|21000|48000|0.8|2027-04-01|2028-03-31|3|export|yes||integration;training|
seats|Drop unused seats|spend less|reduce|Ruth|150|8|1900|2600|3200|0.97|2026-07-01||1||||quick win|
"""

OPTIONS = """
decision|option|fee|admin_hours|queries|wait_hours|error_rate|penalty|decision_days|p_fail|switching_cost|current|offers
claims|two billers in house|0|1650|2|1|260|32|9|0|4500|yes|
claims|Charthaven claims|19919|420|2|0.6|95|32|4|0.05|11000|no|
claims|billing firm for 4% of collections|98000|120|3|2.5|80|32|6|0.06|9000|no|
after hours|Tri-County Answering Service|5119|60|0|0|38|45|0.5|0.06|1100|yes|
after hours|nurse line|11800|20|0|0|9|45|0.1|0.03|1800|no|
"""

CLINIC = Recipe(
    id="family-clinic",
    profile={
        "name": "Harrow Lane Family Clinic",
        "sector": "health",
        "setting": "health care",
        "currency": "USD",
        "employees": 22,
        "yearly_revenue": 3_450_000,
        "hourly_wage": 38.0,
        "discount_rate": 0.09,
    },
    dialect=Dialect(date="%m/%d/%Y", newline="\r\n"),
    start=dt.date(2023, 7, 1),
    regular=REGULAR,
    occasional=OCCASIONAL,
    tables={
        "suppliers": parse_block(SUPPLIERS),
        "vendor_names": parse_block(NAMES),
        "vendors": parse_vendors(VENDORS, OUTAGES),
        "vendor_events": parse_block(EVENTS),
        "mitigations": parse_block(MITIGATIONS),
        "contracts": parse_block(CONTRACTS),
        "assets": parse_block(ASSETS),
        "initiatives": parse_block(INITIATIVES),
        "options": parse_block(OPTIONS),
    },
    ledger_columns=LEDGER_COLUMNS,
    blemishes={
        "exact duplicate": 15,
        "missing amount": 6,
        "impossible date": 4,
        "no date": 2,
        "redacted supplier": 12,
        "thousands mark": 8,
        "brackets": 4,
        "currency sign": 5,
        "trailing blanks": 8,
        "letter case": 8,
        "too few fields": 1,
    },
    spoiled=(("contracts", 8, "end", "02/30/2026", "impossible date"),),
)
