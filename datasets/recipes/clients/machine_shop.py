# ruff: noqa: E501 - a row of a table stays on one line
"""Dunmore Precision: a machine shop that lives from few large customers and old machines."""

from __future__ import annotations

import datetime as dt

from recipes.blocks import parse_block, parse_vendors
from recipes.channels import Channel
from recipes.recipe import LEDGER_COLUMNS, Dialect, Recipe

__all__ = ["MACHINE_SHOP"]

REGULAR = """
supplier|account|every|price|changes|seats|season|noise|from|until|memo
Ironbridge Estates|Rent of premises|month:1|13800|2025-01 +4%; 2026-01 +3%|||0|||unit 4 and yard
Harrowgate Payroll|Payroll service fees|fortnight:4|11.4|2025-07 +6%|24; 2025-01 27; 2026-02 28||0|||# employees
Copperleaf Books|Accounting software|month:3|96|2025-03 +9%; 2026-03 +11%|||0|||
Microsoft 365|Software subscriptions|month:7|22|2025-04 +5%|14; 2024-09 17; 2025-10 21||0|||# seats
Mastercam|CAM software|year:02-14|9800|2025-02 +7%; 2026-02 +8%|||0|||maintenance, 3 seats
SolidWorks|Design software|year:09-20|5400|2025-09 +9%|||0|||maintenance, 3 licences
Autodesk|Design software|month:12|245|2025-06 +8%|2; 2025-03 3||0|||# users
Spindlewise|Shop floor software|quarter:1:15|2850|2025-04 +12%|||0|2024-04||machine monitoring
Ledgerforge ERP|ERP software|month:2|1180|2025-01 +6%; 2026-01 +9%|||0|||
Zoom|Software subscriptions|month:18|15.99||6; 2025-05 4||0|||# licences
Dropbox|Software subscriptions|month:21|24|2025-11 +10%|8||0|||# users
Boxwood Vault|Cloud storage|month:24|119|2026-01 +15%|||0|2024-06||quality records
Brightwater Backup|Backup|month:5|265|2025-05 +8%|||0|||server and ERP
Sophos|IT security|year:06-11|2240|2025-06 +6%|||0|||24 devices
Fernhill IT|IT support|month:1|1650|2025-01 +5%; 2026-01 +5%|||0|||managed support
Quayside Hosting|Web hosting|year:04-22|420|2026-04 +18%|||0|||
Lanternpost Web|Website|quarter:2:9|900|||||||site upkeep
Comcast Business|Telephone and internet|month:11|289|2025-08 +7%|||.01|||
AT&T|Mobile phones|month:16|48||7; 2025-06 9||.03|||# lines
RingCentral|Telephone and internet|month:19|28|2025-02 +6%|12||0|||# extensions
Xcel Energy|Electricity|month:20|7100|2025-01 +6%||summer .14|.07|||
Northgate Gas|Natural gas heating|month:22|1450|||winter .7|.09|||
Three Forks Water|Water and sewer|quarter:1:25|980|||||||
Waste Management|Waste removal|month:8|640|2025-09 +5%|||.04|||scrap bins apart
Cintas|Uniforms|week:2|148|2025-03 +4%|||.03|||
The Hartford|Insurance|month:10|3950|2025-10 +7%|||0|||liability and property
Meridian Machine Finance|Equipment lease|month:15|11850|||||2024-03||5-axis mill
Meridian Machine Finance|Equipment lease|month:15|6400||||||2025-09|lathes 3 and 4
Corbel Calibration|Calibration|quarter:3:12|1380|2025-03 +5%|||.05|||
Wickfield Accountants|Accountancy fees|quarter:1:28|2600|2026-01 +6%|||.02|||
Keystone Compressors|Compressor maintenance|quarter:2:18|1120||||.04|||service visit
Thornbury Quality Registrar|Quality audit|year:10-07|6900|2025-10 +4%|||0|||surveillance audit
Midland Commerce Bank|Bank charges|month:30|86||||.3|||
Enterprise Rent-A-Car|Van lease|month:6|730|||||||
Indeed|Recruitment advertising|month:14|240||||.5|2025-01|2025-12|
"""

OCCASIONAL = """
supplier|account|yearly|typical|spread|season|from|until|memo
Tri-Rivers Metals|Materials|115|6400|.7||||PO #
Ashby Aluminum Supply|Materials|74|5200|.6||||PO #
Corvane Alloys|Materials|32|5800|.7||||PO #
Delphine Castings|Materials|26|4100|.5||||PO #
Keenedge Tooling|Cutting tools|96|820|.8||||
Haldane Tool Grinding|Cutting tools|40|390|.6||||regrind
Saltline Heat Treating|Outside services|82|1350|.7||||job #
Bright Anodic Finishing|Outside services|66|1180|.7||||job #
McMaster-Carr|Shop supplies and consumables|130|145|.9||||
Grainger|Shop supplies and consumables|58|210|.8||||
Fastenal|Shop supplies and consumables|48|165|.7||||
Home Depot|Repairs and maintenance|22|120|.9||||
Vantor Machine Tools|Machine parts and repairs|9|1900|.8||||part #
Halvorsen Machine Repair|Machine repairs|16|2300|.8||||call-out #
UPS|Freight and shipping|150|74|.9||||
FedEx|Freight and shipping|60|96|.8||||
Old Harbor Freight Lines|Freight and shipping|52|610|.6||||BOL #
Amazon Business|Office supplies|66|62|.9||||
Staples|Office supplies|24|88|.7||||
Shell|Vehicle fuel|88|72|.4||||
Dell|Computer hardware|4|1450|.5||||workstation
CDW|Computer hardware|6|480|.8||||
Fernhill IT|IT support|7|620|.6||||project hours
Google Ads|Online advertising|12|410|.4||2025-02||
Southwest Airlines|Travel|9|380|.5||||
Hilton|Travel|10|310|.5||||
Prairie Machinery Show|Trade show|1.2|5200|.3||||stand
Grindstone Coolants|Materials|24|560|.5||||drums
Stonecut Legal|Legal fees|4|1250|.7||||
Cascade Safety Training|Training|5|640|.5||||
Delegate Staffing|Temporary staff|18|2100|.5||2024-06||week #
"""

VENDORS = """
vendor|relation|role|founded|size|sector|owner|crit|share|records|value|switch|retool|prepaid|weeks|margin|hubs|have|brand
Vantor Machine Tools|direct|machine maker|1974|3100|manufacturing|public|5|0.35|0|0|18000|64000|0|5|9500|||3242323
Tri-Rivers Metals|direct|material supplier|1988|85|wholesale|private|4|0.3|0|0|6000|0|0|2|8200||2|3454-33
Ashby Aluminum Supply|direct|material supplier|2006|30|wholesale|private|4|0.18|0|0|4500|0|0|2|5200||2|4454-43
Bright Anodic Finishing|direct|finisher|2012|19|manufacturing|private|4|0.22|0|0|9000|3500|0|4|4100|||3353-32
Saltline Heat Treating|direct|heat treater|1969|44|manufacturing|private|3|0.2|0|0|7000|1200|0|3|3600||2|2343-22
Delphine Castings|direct|foundry|1958|62|manufacturing|private|3|0.09|0|0|22000|14000|4800|8|2300|||2242-22
Ledgerforge ERP|indirect|ERP software|2015|38|information|venture|5|0|46000|0.9|28000|9500|2400|4|5200|Nimbra Cloud:0.35||4434333
Spindlewise|indirect|machine monitoring|2022|11|information|venture|3|0|9000|0.2|6500|2800|2850|1|900|Nimbra Cloud:0.4||5515444
Copperleaf Books|indirect|bookkeeping software|2019|45|information|venture|3|0|14000|0.6|4200|900|0|1|700|Nimbra Cloud:0.25|x|5535445
Boxwood Vault|indirect|document storage|2023|9|information|venture|4|0.05|38000|0.8|5200|1100|1300|2|1600|Nimbra Cloud:0.4||5415434
Brightwater Backup|indirect|backup|2020|18|information|venture|4|0|0|0|2600|400|0|0.5|500|Nimbra Cloud:0.3|x|4435334
Harrowgate Payroll|indirect|payroll service|2003|210|professional|private|4|0|1400|2.5|3800|0|0|1|600||x2|4443345
Fernhill IT|indirect|IT support|2011|14|professional|private|4|0|600|6|7500|1500|0|2|1900|||4444442
Quayside Hosting|indirect|web hosting|2014|22|information|private|2|0.02|900|0.5|1200|0|300|0.5|250||x|3342324
Lanternpost Web|indirect|web agency|2016|6|professional|private|2|0.02|200|3|3500|0|0|1|200|Quayside Hosting:0.3||3434443
Meridian Machine Finance|indirect|equipment finance|1991|160|finance|private|3|0|0|0|5000|0|0|0|0|||
Corbel Calibration|indirect|calibration|2009|7|professional|private|3|0.12|2200|1.5|2400|0|0|1.5|2600||2|3343-32
Thornbury Quality Registrar|indirect|quality registrar|1997|130|professional|private|4|0.4|0|0|11000|3000|3400|3|4400||2|2243-22
Wickfield Accountants|indirect|accountant|1994|11|professional|private|3|0|3500|1.2|4000|0|0|1|300||2|2243222
"""

EVENTS = """
vendor|date|kind|note
Spindlewise|2026-03-19|personnel|founder and head of support both left
Boxwood Vault|2025-12-02|policy|free export withdrawn, export now on request
Ledgerforge ERP|2026-01-27|ownership|bought by an investment group
Delphine Castings|2025-09-15|environment|gas price contract ended, short weeks announced
Vantor Machine Tools|2026-05-21|structure|regional service office closed
"""

MITIGATIONS = """
vendor|option|yearly_cost|probability_factor|loss_factor
Ledgerforge ERP|nightly export to own server|1400|1|0.45
Ledgerforge ERP|source code in escrow|4800|1|0.6
Boxwood Vault|monthly export, restored once a year|360|1|0.35
Boxwood Vault|move to the office suite's storage|900|0.3|0.5
Bright Anodic Finishing|approve a second finisher|2600|1|0.4
Vantor Machine Tools|spare parts kept in house|5200|1|0.7
Spindlewise|monthly export|240|1|0.6
Fernhill IT|passwords and documentation kept in house|600|1|0.5
"""

SUPPLIERS = """
name|aliases|capability|category
Ledgerforge ERP|LEDGERFORGE;LEDGERFORGE ERP CLOUD|ERP|business software
Spindlewise|SPINDLEWISE.IO;SPINDLEWISE INC|machine monitoring|business software
Tri-Rivers Metals|TRI RIVERS METALS;TRIRIVERS|raw metal|materials
Saltline Heat Treating|SALTLINE HT|heat treating|materials
Corbel Calibration|CORBEL CAL LAB|calibration|equipment
"""

CONTRACTS = """
vendor|capability|start|end|notice_days|auto_renew|annual_price|seats_paid|seats_active|uplift
Microsoft 365|office suite|2025-10-01|2026-09-30|30|yes|5821|21|16|0.05
Mastercam|toolpath programming|2026-02-14|2027-02-13|60|yes|11324|3|3|0.08
SolidWorks|design|2025-09-20|2026-09-19|60|yes|5886|3|2|0.09
Autodesk|design|2026-06-01|2027-05-31|30|yes|9526|3|1|0.08
Ledgerforge ERP|ERP|2024-01-01|2026-12-31|120|yes|16361||20|0.09
Spindlewise|machine monitoring|2026-04-15|2027-04-14|60|yes|12768|||0.12
Dropbox|file storage|2025-11-21|2026-11-20|30|yes|2534|8|3|0.1
Boxwood Vault|file storage|2025-06-24|2027-06-23|90|yes|1642|||0.15
Zoom|video meetings|2026-05-18|2027-05-17|30|yes|768|4|2|
RingCentral|telephone|2025-02-19|2027-02-18|90|yes|4274|12|9|0.06
Comcast Business|internet|2024-08-11|2026-08-10|30|yes|3711|||0.07
Brightwater Backup|backup|2025-05-05|2026-11-04|60|no|3434|||0.08
Sophos|endpoint security|2026-06-11|2027-06-10|30|yes|2374|24|24|0.06
Harrowgate Payroll|payroll|2025-07-01|2026-12-31|60|yes|8800|28|28|0.06
Fernhill IT|IT support|2024-01-01|2026-12-31|90|yes|21829|||0.05
Ironbridge Estates|premises|2022-01-01|2027-12-31|180|no|177391|||0.03
"""

ASSETS = """
technology|vendor|capability|cost|in_service|salvage|yearly_cost|staff_hours|end_of_life|integrates_with
Windows Server 2016|Microsoft|file server|8900|2017-05-20|0|1100|70|2027-01-12|Ledgerforge ERP;Office computers
Office computers (14)|Dell|computers|16800|2021-03-15|900|700|46||Windows Server 2016
Shop floor terminals (6)|Dell|computers|5400|2018-10-08|0|520|58|2025-10-14|Spindlewise
3-axis mill controls|Vantor Machine Tools|machine control|42000|2012-06-25|3500|6800|160||
5-axis mill|Vantor Machine Tools|machining|385000|2024-03-18|210000|9200|60||Mastercam
Coordinate measuring machine|Brellmark|inspection|76000|2015-09-02|9000|4300|85|2026-12-31|Windows Server 2016
Telephone system|Aldwin|telephone|6400|2016-02-11|0|380|14||
Network switches and wireless|Ubiquiti|network|4900|2020-11-30|200|150|20||Windows Server 2016
Label printers (3)|Zebra Technologies|labels|2700|2019-04-17|100|340|18||Ledgerforge ERP
"""

INITIATIVES = """
id|name|goal|purpose|owner|cost_per_quarter|hours_per_quarter|benefit_low|benefit_mode|benefit_high|p_success|earliest|deadline|duration|after|mandatory|synergy_with|tags|replaces|resource|grant|grant_chance|grant_deadline
server|Replace the file server|stay open|contain|Ray|6500|70|2000|9000|16000|0.92|2026-07-01|2026-12-31|1||yes||security;cloud|Windows Server 2016||||
terminals|New shop floor terminals|stay open|contain|Ray|4200|40|1500|4800|9000|0.95|2026-07-01|2026-12-31|1||yes|quoting|security|Shop floor terminals (6)||||
quoting|Quote from the 3D model in a day|win more orders|generate|Marta|9500|130|20000|88000|170000|0.55|2026-10-01||2|erpdata||portal|automation;customer experience|||||
erpdata|Clean part and routing data in the ERP|quote faster|reduce|Marta|3800|150|4000|18000|36000|0.75|2026-07-01||2|||quoting|data|||||
portal|Order status for customers online|keep key customers|differentiate|Marta|7200|90|0|34000|90000|0.45|2027-01-01||2|quoting|||customer experience;mobile|||||
probing|In-machine probing on two mills|less scrap|reduce|Olek|11500|80|14000|42000|66000|0.8|2026-07-01||2||||automation;data|||||
licences|Drop unused seats and one file store|spend less|reduce|Dana|300|18|3500|5200|7000|0.95|2026-07-01||1||||quick win|||||
exports|Tested exports of ERP and quality records|stay open|contain|Ray|900|36|1000|7500|18000|0.9|2026-07-01||1||||security;quick win|||||
training|Five-axis and CAM training|win harder parts|differentiate|Olek|5200|110|6000|27000|60000|0.7|2026-10-01||2||||training;niche||five-axis experience|4800|0.5|2026-09-30
"""

OPTIONS = """
decision|option|fee|admin_hours|queries|wait_hours|error_rate|penalty|decision_days|p_fail|switching_cost|current|offers
backup|tapes taken home|400|110|0|0|3|1400|2|0.02|900|yes|
backup|Brightwater Backup|3434|12|0|0|0.4|1400|0.2|0.07|2600|no|
backup|Veeam with a second site|5200|30|0|0|0.3|1400|0.2|0.005|3800|no|
quality records|paper binders|600|240|3|0.8|6|450|1.5|0|2000|yes|
quality records|Boxwood Vault|1642|60|3|0.1|1.5|450|0.1|0.1|5200|no|
quality records|module of the ERP|3900|70|3|0.15|1|450|0.1|0.05|3300|no|
"""

AGENTS = """
partner|kind|segment|signed|ended|owner|margin|cycle|trust|given|received|level
Great Plains Manufacturers' Agents|referral|volume|2022-03-14||Marta|0.26|75|4554|3000|18000|52000
Lakeshore Technical Sales|referral|volume|2023-05-22||Marta|0.27|80|4443|2500|9000|21000
Redstone Industrial Reps|referral|volume|2024-02-19||Marta|0.27|90|3332|2500|2000|8000
Aerolink Sourcing|alliance|strategic|2024-09-16||Marta|0.31|170|4434|6000|4000|17000
Buckeye Parts Network|referral|volume|2025-01-13||Marta|0.24|70|2322|1500|0|0
Cordoba Medical Sourcing|alliance|strategic|2025-11-17||Marta|0.33|190|4444|5000|1000|14000
"""

AGENT_EVENTS = """
partner|date|kind|note
Redstone Industrial Reps|2025-04-14|people changed|the agent who knew our parts left
Aerolink Sourcing|2026-02-23|policy|new supplier audit asked of all shops
"""

SERVICES = """
partner|service|volume|hours_each|wage|dso_days
Great Plains Manufacturers' Agents|quotes|420|0.8|46|0
Great Plains Manufacturers' Agents|drawing checks|160|0.6|46|0
Lakeshore Technical Sales|quotes|190|0.8|44|0
Aerolink Sourcing|credit checks|60|0.3|40|58
"""

MACHINE_SHOP = Recipe(
    id="machine-shop",
    profile={
        "name": "Dunmore Precision",
        "sector": "manufacturing",
        "setting": "manufacturing",
        "currency": "USD",
        "employees": 28,
        "yearly_revenue": 5_400_000,
        "hourly_wage": 29.0,
        "discount_rate": 0.11,
    },
    dialect=Dialect(),
    start=dt.date(2024, 1, 1),
    regular=REGULAR,
    occasional=OCCASIONAL,
    tables={
        "suppliers": parse_block(SUPPLIERS),
        "vendors": parse_vendors(VENDORS),
        "vendor_events": parse_block(EVENTS),
        "mitigations": parse_block(MITIGATIONS),
        "contracts": parse_block(CONTRACTS),
        "assets": parse_block(ASSETS),
        "initiatives": parse_block(INITIATIVES),
        "options": parse_block(OPTIONS),
    },
    ledger_columns=LEDGER_COLUMNS,
    blemishes={
        "exact duplicate": 14,
        "missing amount": 6,
        "impossible date": 3,
        "no date": 2,
        "redacted supplier": 4,
        "thousands mark": 9,
        "brackets": 4,
        "currency sign": 6,
        "trailing blanks": 8,
        "letter case": 8,
        "other currency": 3,
        "too few fields": 1,
    },
    channel=Channel(
        partners=AGENTS,
        events=AGENT_EVENTS,
        services=SERVICES,
        typical=14000,
        spread=0.7,
        order=7800,
        ramp_months=10,
        growth=0.08,
        season="",
        spend=(1800, 600, 400, 2400),
        plan=(455_000, 0.09, 354_000, 0.03, 18),
        stages=("enquiry", "drawing received", "quoted"),
        open_opportunities=16,
    ),
    spoiled=(("contracts", 6, "annual_price", "see invoice", "amount in words"),),
)
