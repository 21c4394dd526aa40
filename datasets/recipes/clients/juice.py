# ruff: noqa: E501 - a row of a table stays on one line
"""Green Parade, Elm Street: a juice-bar franchisee whose ledger is an Excel workbook."""

from __future__ import annotations

import datetime as dt

from recipes.blocks import parse_block, parse_vendors
from recipes.recipe import LEDGER_COLUMNS, Dialect, Recipe

__all__ = ["JUICE"]

REGULAR = """
supplier|account|every|price|changes|seats|season|noise|from|until|memo
Elm Street Partners|Rent of premises|month:1|5200|2025-05 +3.5%; 2026-05 +3.5%|||0|||Elm Street and terrace
Green Parade Franchising|Franchise fee and royalties|week:1|960|||summer .28|.06|||6 % of sales
Green Parade Franchising|Franchise fee and royalties|week:1|320|||summer .28|.06|||brand fund, 2 % of sales
Green Parade Systems|Point of sale software|month:4|189|2025-01 +8%; 2026-01 +9%|||0|||required system
7shifts|Staff scheduling software|month:7|34.99|2025-04 +14%|||0|||
QuickBooks|Accounting software|month:9|65|2025-03 +12%|||0|||
Gusto|Payroll service fees|month:26|8|2025-02 +8%|14; 2025-05 18; 2025-10 14; 2026-05 16||0|||# employees
Google Workspace|Software subscriptions|month:12|7.2|2025-03 +17%|3||0|||# users
Mailchimp|Email marketing|month:14|45|2025-05 +14%|||.06|||
Yelp Ads|Online advertising|month:16|300||||.05||2025-08|
Orchardline Loyalty|Customer loyalty app|month:18|129|2025-11 +16%|||0|2024-03||
Spectrum Business|Internet and telephone|month:11|134|2025-07 +9%|||.01|||
Florida Power & Light|Electricity|month:20|1240|2025-01 +6%||summer .24|.06|||
City Water Department|Water and sewer|month:23|260|||summer .15|.08|||
Waste Management|Waste removal|month:8|310|2025-09 +6%|||.03|||
Coldspan Refrigeration|Refrigeration maintenance|quarter:2:10|640|2025-02 +6%|||.03|||service contract
Cintas|Uniforms and cleaning|week:3|68|2025-03 +4%|||.03|||
Rentokil|Pest control|month:13|92|2025-06 +7%|||0|||
State Farm|Insurance|month:15|465|2025-10 +9%|||0|||
ADT|Alarm and CCTV|month:10|78|2025-03 +6%|||0|||
Paygrove|Card processing fees|month:3|1950|2026-02 +8%||summer .25|.05|||
Bank of America|Bank charges|month:29|32||||.2|||
Wickfield Accountants|Bookkeeping and accounting fees|month:24|540|2025-07 +6%|||0|||
Sunbelt Equipment Capital|Equipment lease|month:17|880|||||||presses and freezers
DoorPony Delivery|Delivery commission|week:2|185|||summer .2|.18|2024-04||
Amazon Business|Office supplies|month:21|58||||.4|||
"""

OCCASIONAL = """
supplier|account|yearly|typical|spread|season|from|until|memo
Everglade Produce|Produce and ingredients|156|760|.4|summer .3|||invoice #
Citrus Belt Growers|Produce and ingredients|90|420|.4|summer .3|||
Tropica Frozen Fruit|Produce and ingredients|50|680|.4|summer .3|||
Green Parade Supply|Ingredients, cups and mixes|52|620|.4|summer .25|||required supplier
US Foods|Food supplies|26|260|.5||||
Costco|Food supplies|48|118|.6||||
WebstaurantStore|Equipment, small|14|160|.8||||
Cup & Carton Packaging|Packaging|22|340|.5|summer .25|||
Coldspan Refrigeration|Equipment repairs|9|430|.7|summer .4|||call-out #
Home Depot|Repairs and maintenance|16|84|.8||||
Google Ads|Online advertising|12|140|.4||||
Meta Ads|Social media advertising|20|110|.5||||
Vistaprint|Printing and signs|6|120|.6||||
Indeed|Recruitment advertising|10|150|.4|spring .5|||
Green Parade Franchising|Training courses|4|380|.3||||manager course
County Health Department|Permits and inspection|2|310|.3||||
Best Buy Business|Computer equipment|2|390|.6||||
Uber|Travel|8|28|.5||||
Sorrel Marketing|Marketing agency|3|700|.4||2025-01||summer campaign
"""

AGREEMENTS = """
vendor|agreement_ends|not_renewed|worse_terms_cost|brings_access|brings_marketing|brings_learning
Green Parade Franchising|2027-08-31|0.05|9500|46000|7800|40
"""

VENDORS = """
vendor|relation|role|founded|size|sector|owner|crit|share|records|value|switch|retool|prepaid|weeks|margin|hubs|have|brand
Green Parade Franchising|direct|franchisor|2007|240|administrative|franchise|5|0.95|0|0|35000|48000|2600|9|4200|||3234433
Green Parade Systems|direct|franchisor's till and menu system|2018|26|information|venture|5|0.95|14000|0.2|2800|3200|0|1.5|4000|Green Parade Franchising:0.85;Nimbra Cloud:0.25||3334434
Green Parade Supply|direct|required ingredients|2010|60|wholesale|franchise|4|0.45|0|0|1500|0|0|2|1900|Green Parade Franchising:0.8||3233323
Everglade Produce|indirect|produce|1999|70|wholesale|private|4|0.55|0|0|900|0|0|0.7|2100||2|4444-43
Citrus Belt Growers|indirect|oranges|1971|45|agriculture|private|3|0.3|0|0|600|0|0|1|1200||2|3454-33
Tropica Frozen Fruit|indirect|frozen fruit|2017|21|wholesale|private|3|0.2|0|0|500|0|900|1|700||2|4434-33
Orchardline Loyalty|indirect|customer loyalty app|2023|7|information|venture|3|0.2|6200|1.5|1300|600|260|1|650|Nimbra Cloud:0.4||5515555
DoorPony Delivery|indirect|delivery|2019|900|information|venture|3|0.14|0|0|400|0|0|1|560||2|4354545
Coldspan Refrigeration|indirect|freezers and presses|2002|16|all|private|4|0.6|0|0|1100|0|320|1|2200||2|3343-32
Paygrove|indirect|card payments|2012|380|finance|public|4|0.7|0|0|900|500|0|0.5|2400||2|4344445
Wickfield Accountants|indirect|bookkeeping|1994|11|professional|private|3|0|1800|1.1|1700|0|0|1|150|||2243222
Sorrel Marketing|indirect|marketing agency|2018|5|professional|private|1|0.03|200|1.5|500|0|0|0.5|150|||4545554
Elm Street Partners|indirect|landlord|1985|6|finance|private|5|1|0|0|42000|24000|5200|7|4200|||
"""

EVENTS = """
vendor|date|kind|note
Green Parade Franchising|2026-02-25|ownership|sold to a holding of restaurant brands
Green Parade Franchising|2026-06-16|policy|every shop must refit by the end of 2027
Orchardline Loyalty|2026-04-29|personnel|half of the staff let go
DoorPony Delivery|2025-10-21|policy|commission raised by 4 points, to 26%
"""

MITIGATIONS = """
vendor|option|yearly_cost|probability_factor|loss_factor
Green Parade Franchising|lawyer checks term and exit rights|1200|1|0.85
Green Parade Systems|daily export of sales and menu|240|1|0.6
Orchardline Loyalty|monthly export of customers|60|1|0.3
Coldspan Refrigeration|spare freezer in the store room|450|1|0.6
Everglade Produce|standing order with a second supplier|300|1|0.5
"""

CONTRACTS = """
vendor|capability|start|end|notice_days|auto_renew|annual_price|seats_paid|seats_active|uplift
Green Parade Franchising|franchise|2017-09-01|2027-08-31|365|no|66560|||
Green Parade Systems|point of sale|2026-01-15|2026-12-31|60|yes|2670|||0.09
7shifts|staff scheduling|2025-10-07|2026-10-06|30|yes|479|||0.14
Orchardline Loyalty|customer loyalty|2025-11-18|2026-11-17|60|yes|1796|||0.16
Spectrum Business|internet|2025-07-20|2026-07-19|30|yes|1753|||0.09
Google Workspace|office suite|2026-03-12|2027-03-11|0|yes|303|3|2|0.17
Coldspan Refrigeration|refrigeration|2025-02-10|2027-02-09|60|yes|2714|||0.06
Sunbelt Equipment Capital|equipment lease|2023-05-17|2028-05-16|90|no|10560|||
Elm Street Partners|premises|2022-05-01|2027-04-30|180|no|66840|||0.035
"""

ASSETS = """
technology|vendor|capability|cost|in_service|salvage|yearly_cost|staff_hours|end_of_life|integrates_with
Tills (3)|Green Parade Systems|point of sale|4200|2019-06-20|0|310|34|2026-10-31|Orchardline Loyalty
Cold presses (2)|Brellmark|production|23000|2017-10-26|2400|1900|95||
Walk-in freezer|Coldspan Refrigeration|cold store|14500|2014-08-14|0|2300|40||
Office computer|Dell|computers|850|2018-02-22|0|60|26|2025-10-14|
Menu screens (4)|Green Parade Systems|display|3600|2020-09-17|100|240|16||Tills (3)
"""

INITIATIVES = """
id|name|goal|purpose|owner|cost_per_quarter|hours_per_quarter|benefit_low|benefit_mode|benefit_high|p_success|earliest|deadline|duration|after|mandatory|synergy_with|tags|replaces
tills|New tills the franchisor requires|keep the franchise|contain|Andre|5200|40|500|2600|5200|0.95|2026-07-01|2026-12-31|1||yes|ahead|security|Tills (3)
ahead|Order ahead by phone|shorter lines|generate|Bianca|1900|50|2000|14500|27000|0.7|2026-10-01||1|tills|||mobile;customer experience|
freezer|Replace the walk-in freezer|lower power bill|reduce|Andre|9500|24|1800|4300|6800|0.9|2026-07-01||1||||quick win|Walk-in freezer
schedule|Staff by forecast of sales and weather|less overtime|reduce|Bianca|600|36|1500|7200|12500|0.65|2026-07-01||1||||data;automation|
office|Deliveries to offices on subscription|quiet mornings|differentiate|Bianca|2400|85|-1500|12800|30000|0.5|2027-01-01||2|ahead|||niche|
refit|Shop refit|keep the franchise|contain|Andre|12500|90|-2000|6000|15000|0.85|2027-01-01|2027-12-31|3||yes|||
"""

OPTIONS = """
decision|option|fee|admin_hours|queries|wait_hours|error_rate|penalty|decision_days|p_fail|switching_cost|current|offers
payroll|accountant by phone and email|2900|52|5|5|4|140|6|0.03|1100|yes|tax filings; paper cheques
payroll|Gusto|1500|15|4|0.2|0.6|140|0|0.005|700|no|bank transfer; self-service; tax filings
delivery|DoorPony Delivery|11500|60|1|0.5|30|9|0|0.08|400|yes|
delivery|own rider at lunch|14800|140|1|0.2|12|9|0|0|300|no|
"""

JUICE = Recipe(
    id="juice-bar",
    profile={
        "name": "Green Parade Juice, Elm Street",
        "sector": "retail",
        "setting": "retail",
        "currency": "USD",
        "employees": 11,
        "yearly_revenue": 838_000,
        "hourly_wage": 14.2,
        "discount_rate": 0.13,
    },
    dialect=Dialect(date="%m/%d/%Y", newline="\r\n", formats={"ledger": "xlsx"}),
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
        "options": parse_block(OPTIONS),
    },
    ledger_columns=LEDGER_COLUMNS,
    blemishes={
        "exact duplicate": 11,
        "missing amount": 5,
        "amount in words": 2,
        "impossible date": 3,
        "no date": 1,
        "redacted supplier": 3,
        "thousands mark": 5,
        "brackets": 3,
        "currency sign": 5,
        "trailing blanks": 7,
        "letter case": 6,
        "other currency": 1,
    },
    spoiled=(("initiatives", 4, "p_success", "half", "amount in words"),),
)
