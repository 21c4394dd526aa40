# ruff: noqa: E501 - a row of a table stays on one line
"""Signal Corner: a mobile-carrier reseller with three shops and a few sub-dealers."""

from __future__ import annotations

import datetime as dt

from recipes.blocks import parse_block, parse_vendors
from recipes.channels import Channel
from recipes.recipe import LEDGER_COLUMNS, Dialect, Recipe

__all__ = ["CARRIER"]

REGULAR = """
supplier|account|every|price|changes|seats|season|noise|from|until|memo
Beacon Plaza Properties|Rent of shops|month:1|4100|2025-01 +3%; 2026-01 +3%|||0|||Beacon Plaza 12
Old Mill Retail Partners|Rent of shops|month:1|3550|2025-06 +4%|||0|||Old Mill
Turnpike Center|Rent of shops|month:1|2900||||0|2025-04||Turnpike, third shop
Crestline Mobile|Carrier program fees|month:5|850|2025-01 +10%; 2026-01 +12%|||0|||dealer program
Crestline Dealer Desk|Point of sale software|month:6|68|2025-03 +9%|6; 2025-04 9||0|||# registers
Tillwise|Point of sale software|month:8|79|2025-02 +9%; 2026-02 +10%|2; 2025-04 3||0|||# registers, accessories
QuickBooks|Accounting software|month:11|95|2025-03 +12%|||0|||
Copperleaf Books|Accounting software|month:12|62|2026-01 +11%|||0|2025-09||trial kept running
Homebase|Staff scheduling software|month:14|24.95|2025-08 +20%|2; 2025-04 3||0|||# locations
Gusto|Payroll service fees|month:26|9.5|2025-02 +8%|11; 2025-04 14||0|||# employees
Google Workspace|Software subscriptions|month:16|12|2025-03 +17%|8; 2025-04 11||0|||# users
Pingwell|Customer messaging|month:18|399|2025-06 +10%|||0|2024-04||
Constant Contact|Email marketing|month:19|80|2025-05 +9%|||.05|||
Dropbox|Software subscriptions|month:21|20||5||0|||# users
Boxwood Vault|Cloud storage|month:23|89|2026-01 +15%|||0|2024-10||customer contracts
Norton|IT security|year:03-14|489|2026-03 +22%|||0|||
Fernhill IT|IT support|month:2|980|2025-01 +5%; 2026-01 +5%|||0|||managed support
Comcast Business|Telephone and internet|month:9|259|2025-04 +6%|||.02|||two shops
Comcast Business|Telephone and internet|month:11|119||||.02|2025-04||Turnpike
Con Edison|Electricity|month:20|1480|2025-01 +5%||summer .28|.07|||two shops
Con Edison|Electricity|month:23|470|||summer .28|.07|2025-04||Turnpike
Waste Management|Waste removal|month:22|82|2025-09 +5%|2; 2025-04 3||.03|||# shops
ADT|Alarm and CCTV|month:10|189|2025-03 +6%|||0|||two shops
ADT|Alarm and CCTV|month:12|79||||0|2025-04||Turnpike
Travelers|Insurance|month:15|1180|2025-07 +9%|||0|||stock and liability
Paygrove|Card processing fees|month:3|5200|2026-02 +7%||december .5|.09|||
Wells Fargo|Bank charges|month:29|64||||.25|||
Lamar Advertising|Outdoor billboard advertising|month:7|1450||||0||2025-11|
iHeartMedia|Radio advertising|month:13|900||||.1|||
Sorrel Marketing|Marketing agency|month:17|1200|2025-09 +8%|||0|2024-06||
Wickfield Accountants|Accountancy fees|month:24|620|2025-07 +6%|||0|||
Cintas|Cleaning|week:4|74|2025-03 +4%|||.03|||
Ridgeway Floorplan|Interest expense|month:28|1350||||.18|||stock finance
"""

OCCASIONAL = """
supplier|account|yearly|typical|spread|season|from|until|memo
Crestline Mobile|Stock purchases handsets|132|6800|.7|december .8|||order #
Overline Accessories|Stock purchases accessories|70|1350|.6|december .7|||
Bolt & Sleeve Cases|Stock purchases accessories|44|880|.6|december .7|||
Renewed Handset Exchange|Stock purchases handsets|46|2300|.6||||
Cracked Screen Supply|Repair parts|90|190|.8||||
Google Ads|Online advertising|30|410|.4|december .5|||
Meta Ads|Social media advertising|28|260|.5||||
UPS|Shipping|110|24|.7||||
FedEx|Shipping|40|31|.7||||
Staples|Office supplies|30|72|.7||||
Amazon Business|Office supplies|80|54|.9||||
Indeed|Recruitment advertising|14|260|.4||||
Dell|Computer hardware|4|920|.5||||
Ubiquiti|Computer hardware|2|380|.6||||
Fernhill IT|IT support|6|440|.6||||shop move
Home Depot|Repairs and maintenance|22|110|.9||||
Signs by Alvarez|Shop signs|3|1400|.6||||
WEX|Vehicle fuel|48|210|.3||||
Stonecut Legal|Legal fees|3|900|.6||||
LinkedIn Learning|Training|2|320|.3||||
Carrier Dealer Summit|Conference|1|2600|.2||||
Eastgate Wireless|Commissions to sub-dealers|12|1650|.4||||
Harbor Phone Repair|Commissions to sub-dealers|12|720|.4||2024-09||
"""

AGREEMENTS = """
vendor|agreement_ends|not_renewed|worse_terms_cost|outage_hours|brings_access|brings_marketing|brings_learning
Crestline Mobile|2026-12-31|0.15|21000||38000|9600|60
Crestline Dealer Desk||||31|||
"""

VENDORS = """
vendor|relation|role|founded|size|sector|owner|crit|share|records|value|switch|retool|prepaid|weeks|margin|hubs|have|brand
Crestline Mobile|direct|carrier|1996|31000|information|public|5|0.81|0|0|38000|26000|8500|10|10800|||3244344
Crestline Dealer Desk|direct|carrier's activation system|2014|190|information|private|5|0.78|24000|0.4|3000|2500|0|1.5|10200|Crestline Mobile:0.9;Nimbra Cloud:0.2||2244344
Overline Accessories|direct|accessory brand|2016|35|wholesale|venture|3|0.08|0|0|1500|0|2200|3|900||2|4444-43
Renewed Handset Exchange|direct|used handsets|2021|18|wholesale|venture|3|0.09|0|0|1200|0|3600|3|1100||2|5424-44
Tillwise|indirect|tills for accessories|2017|140|information|venture|4|0.1|12000|0.3|2600|1200|0|1|1900|Nimbra Cloud:0.3||5545445
Pingwell|indirect|customer messaging|||information|unknown|2|0.04|9000|0.2|900|300|0|0.5|400|||
Copperleaf Books|indirect|bookkeeping software|2019|45|information|venture|2|0|1500|0.6|600|200|0|0.5|100|Nimbra Cloud:0.25||5535445
Boxwood Vault|indirect|customer contracts|2023|9|information|venture|4|0.02|31000|0.7|3100|700|1000|1.5|900|Nimbra Cloud:0.4||5415434
Paygrove|indirect|card payments|2012|380|finance|public|4|0.3|0|0|1800|900|0|0.5|3900||2|4344445
Fernhill IT|indirect|IT support|2011|14|professional|private|3|0|400|6|3200|500|0|1|900|||4444442
Sorrel Marketing|indirect|marketing agency|2018|5|professional|private|2|0.06|700|1.5|1900|0|0|1|500|||4545554
Wickfield Accountants|indirect|accountant|1994|11|professional|private|3|0|3300|1.1|2800|0|0|1|200||x|2243222
Ridgeway Floorplan|indirect|stock finance|2005|48|finance|private|4|0.5|0|0|6500|0|0|4|4600|||2243-22
Beacon Plaza Properties|indirect|landlord of the best shop|1989|12|finance|private|4|0.4|0|0|32000|18000|4100|5|4300|||
"""

EVENTS = """
vendor|date|kind|note
Crestline Mobile|2026-05-19|structure|dealer channel put under the online division
Crestline Mobile|2025-09-30|policy|commission on upgrades cut by a tenth
Renewed Handset Exchange|2026-02-11|ownership|new lead investor after a missed round
Boxwood Vault|2025-12-02|policy|free export withdrawn, export now on request
Ridgeway Floorplan|2026-01-15|environment|raised its rates twice in a quarter
"""

MITIGATIONS = """
vendor|option|yearly_cost|probability_factor|loss_factor
Crestline Mobile|second carrier in one shop|14000|1|0.6
Crestline Mobile|repairs and accessories as own business|8200|1|0.75
Boxwood Vault|monthly export|240|1|0.35
Ridgeway Floorplan|credit line at a second lender|2600|1|0.45
Renewed Handset Exchange|pay on delivery|700|1|0.7
Tillwise|nightly export of sales|180|1|0.5
"""

CONTRACTS = """
vendor|capability|start|end|notice_days|auto_renew|annual_price|seats_paid|seats_active|uplift
Crestline Mobile|dealer program|2024-01-01|2026-12-31|180|no|12566|||0.12
Crestline Dealer Desk|activation|2025-03-06|2027-03-05|60|yes|8005|9|9|0.09
Tillwise|point of sale|2026-02-08|2027-02-07|60|yes|3410|3|3|0.1
QuickBooks|bookkeeping|2025-09-11|2026-09-10|30|yes|1277|5|4|0.12
Copperleaf Books|bookkeeping|2025-09-12|2026-09-11|30|yes|826|3|0|0.11
Pingwell|customer messaging|2025-04-18|2026-10-17|60|yes|5267|||0.1
Google Workspace|office suite|2025-07-16|2026-07-15|30|yes|1853|11|8|0.17
Dropbox|file storage|2025-12-21|2026-12-20|30|yes|1200|5|1|
Boxwood Vault|file storage|2024-10-23|2026-10-22|90|yes|1228|||0.15
Homebase|staff scheduling|2025-08-14|2026-08-13|30|yes|1078|3|3|0.2
Comcast Business|internet|2025-04-09|2027-04-08|30|yes|4538|||
Fernhill IT|IT support|2025-04-01|2027-03-31|90|yes|12965|||0.05
iHeartMedia|advertising|2025-09-13|2026-09-12|45|yes|10800|||
Turnpike Center|premises|2025-04-01|2028-03-31|180|no|34800|||0.03
"""

ASSETS = """
technology|vendor|capability|cost|in_service|salvage|yearly_cost|staff_hours|end_of_life|integrates_with
Shop computers (9)|Dell|computers|7200|2019-02-19|150|520|52|2025-10-14|Crestline Dealer Desk
Demonstration phones (24)|Crestline Mobile|display|14400|2024-10-22|2600|0|60||
Repair bench|Brellmark|repairs|5200|2021-08-26|600|380|20||
Camera recorders (2)|ADT|security|2600|2018-06-14|0|120|9|2026-12-31|
Wireless access points (6)|Ubiquiti|network|1100|2019-05-29|0|60|10|2025-12-31|Shop computers (9)
Stock spreadsheet||stock|0|2017-01-16|0|0|310||Shop computers (9)
"""

INITIATIVES = """
id|name|goal|purpose|owner|cost_per_quarter|hours_per_quarter|benefit_low|benefit_mode|benefit_high|p_success|earliest|deadline|duration|after|mandatory|synergy_with|tags|replaces|resource
computers|Replace shop computers|stay open|contain|Luis|7600|40|1200|5400|9500|0.95|2026-07-01|2026-12-31|1||yes|stock|security|Shop computers (9)|
stock|One stock system for three shops|fewer lost sales|reduce|Carmen|4200|90|4000|19500|34000|0.7|2026-07-01||2|||dealers|integration;data|Stock spreadsheet|
repairs|Repairs while you wait in all shops|earn without the carrier|differentiate|Luis|6800|140|3000|33000|68000|0.65|2026-10-01||2||||niche;customer experience||repairs while people wait
dealers|Ordering page for sub-dealers|sell through others|generate|Carmen|3900|70|1000|16500|41000|0.5|2027-01-01||2|stock|||mobile;automation||
books|End the second bookkeeping program|spend less|reduce|Carmen|100|10|700|900|1100|0.98|2026-07-01||1||||quick win||
billboard|Billboard and radio into local search|be found|generate|Carmen|900|25|-2000|9800|21000|0.65|2026-07-01||1||||quick win||
second|Second carrier in one shop|depend less on one carrier|differentiate|Luis|9500|160|-9000|24000|66000|0.45|2027-01-01||3||||niche||
"""

DEALERS = """
partner|kind|segment|signed|ended|owner|margin|cycle|trust|given|received|level
Eastgate Wireless|reseller|volume|2022-06-13||Carmen|0.13|30|4454|4000|21000|31000
Harbor Phone Repair|reseller|volume|2023-08-21||Carmen|0.12|30|4344|2500|7000|9500
Quick Talk Market|reseller|volume|2024-02-12||Carmen|0.11|30|3232|2000|1500|3800
Mercado La Paloma|reseller|volume|2024-06-17||Carmen|0.11|30|4444|2000|5000|
College Row Electronics|reseller|volume|2024-11-18|2026-01-31|Carmen|0.12|30|2212|1800|0|1900
Summit Business Systems|alliance|strategic|2025-03-10||Luis|0.16|120|4434|5000|2500|14000
Valley Check & Phone|reseller|volume|2025-07-14||Carmen|0.11|30|3323|900|0|0
Fairground Vapes & Phones|reseller|volume|2025-10-20||Carmen|0.11|30|2323|900|0|
Lakeside Computer Care|referral|volume|2026-03-16||Carmen|0.1|30|4444|600|0|
"""

DEALER_EVENTS = """
partner|date|kind|note
Harbor Phone Repair|2025-08-25|people changed|shop manager who sold our plans left
Quick Talk Market|2025-02-17|resources withdrawn|we took back the display stock
College Row Electronics|2025-10-13|ownership|sold to a chain
Eastgate Wireless|2026-04-20|policy|carrier cut the upgrade commission
"""

SERVICES = """
partner|service|volume|hours_each|wage|dso_days
all|activations on behalf|2100|0.25|21|0
all|credit checks|2100|0.08|21|0
Eastgate Wireless|returns and exchanges|240|0.4|20|12
Summit Business Systems|quotes|180|0.7|24|40
"""

CREDITS = """
date | vendor_raw | amount | currency | account | memo
2026-04-22 | SORREL MARKETING #406 | -1296.00 | USD | Marketing agency | credit note, February paid twice
"""

DECISIONS = """
id | what | first_seen | status | owner | by | note | changed | value
spending-act-sorrel-marketing-paid-twice | Ask Sorrel Marketing for $1,296 back: paid twice on 17 Feb 2026 | 2026-03-31 | done | Priya | | their credit note came at once | 2026-04-22 | 1296
spending-stop-file-storage-double | Stop paying twice for file storage: keep Dropbox, leave Boxwood Vault | 2026-03-31 | agreed | Priya | 2026-07-24 | shop two moves its files first | 2026-04-09 | 1228
ecosystem-stop-loyalty-app-idle | Stop paying $3.5k a year for loyalty app, which nobody uses | 2026-03-31 | done | Marcus | | told them by mail | 2026-04-15 | 3480
spending-decide-iheartmedia-advertising | Give notice or renegotiate iHeartMedia (advertising) | 2026-03-31 | declined | Priya | | the morning spots stay for the summer | 2026-04-09 | 940
"""

CARRIER = Recipe(
    id="carrier-store",
    profile={
        "name": "Signal Corner Wireless",
        "sector": "retail",
        "setting": "retail",
        "currency": "USD",
        "employees": 14,
        "yearly_revenue": 2_780_000,
        "hourly_wage": 19.5,
        "discount_rate": 0.12,
    },
    dialect=Dialect(formats={"vendors": "parquet"}),
    start=dt.date(2024, 1, 1),
    regular=REGULAR,
    occasional=OCCASIONAL,
    tables={
        "vendors": parse_vendors(VENDORS, AGREEMENTS),
        "vendor_events": parse_block(EVENTS),
        "mitigations": parse_block(MITIGATIONS),
        "contracts": parse_block(CONTRACTS),
        "assets": parse_block(ASSETS),
        "initiatives": parse_block(INITIATIVES),
        "decisions": parse_block(DECISIONS),
    },
    credits=CREDITS,
    ledger_columns=LEDGER_COLUMNS,
    blemishes={
        "exact duplicate": 16,
        "missing amount": 5,
        "impossible date": 3,
        "no date": 1,
        "redacted supplier": 5,
        "thousands mark": 9,
        "brackets": 4,
        "currency sign": 6,
        "trailing blanks": 8,
        "letter case": 8,
        "too few fields": 2,
    },
    channel=Channel(
        partners=DEALERS,
        events=DEALER_EVENTS,
        services=SERVICES,
        typical=4200,
        spread=0.8,
        order=260,
        ramp_months=7,
        growth=0.06,
        season="12 .2",
        spend=(700, 350, 250, 900),
        plan=(238_000, 0.12, 176_000, 0.03, 15),
        stages=("talking", "papers sent", "credit check"),
        open_opportunities=14,
    ),
    spoiled=(("partner_events", 2, "date", "2025-10-33", "impossible date"),),
)
