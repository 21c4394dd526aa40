# ruff: noqa: E501 - a row of a table stays on one line
"""Nadia Okonjo: a direct-sales beauty representative with a team of her own."""

from __future__ import annotations

import datetime as dt

from recipes.blocks import parse_block, parse_vendors
from recipes.channels import Channel
from recipes.recipe import LEDGER_COLUMNS, Dialect, Recipe

__all__ = ["BEAUTY"]

REGULAR = """
supplier|account|every|price|changes|seats|season|noise|from|until|memo
Rosalind Vey Beauty|Brand fees and training|month:1|39|2025-01 +15%|||0|||representative fee
QuickBooks|Accounting software|month:5|30|2025-03 +17%; 2026-03 +10%|||0|||
Canva|Design subscription|month:8|12.99|2025-02 +15%|||0|||
Mailchimp|Email marketing|month:11|34|2025-05 +14%|||.08|||
Zoom|Software subscriptions|month:13|15.99|2025-06 +6%|||0|||team meetings
Google Workspace|Software subscriptions|month:16|7.2|2025-03 +17%|1; 2025-02 2||0|||# users
Partyline CRM|Customer database|month:18|24|2025-09 +25%|||0|2024-05||
Dropbox|Software subscriptions|month:20|11.99|2025-10 +10%|||0|||
Squarespace|Website|month:22|27|2025-04 +11%|||0|||
T-Mobile|Mobile phone|month:9|65|2025-07 +8%|2||.02|||# lines
Spectrum Business|Internet|month:14|79.99|2025-01 +12%|||0|||
Public Storage|Storage unit rent|month:1|138|2025-02 +14%; 2026-02 +9%|||0|||stock room
Hiscox|Insurance|month:26|41|||||||
Square Payments|Card processing fees|month:3|185||||.2|||
Chase Bank|Bank charges|month:28|15||||0|||
Wickfield Accountants|Tax preparation and accounting fees|quarter:1:20|410|2026-01 +6%|||0|||
Harrowgate Payroll|Payroll service fees|month:25|46|2025-07 +6%|||0|2024-08||1 assistant
Duke Energy|Electricity home office|month:19|88|||summer .3|.06|||
Calendly|Software subscriptions|month:24|12||||0|2025-01||
"""

OCCASIONAL = """
supplier|account|yearly|typical|spread|season|from|until|memo
Rosalind Vey Beauty|Stock purchases|56|870|.55|december .8|||order #
Rosalind Vey Beauty|Samples and brochures|26|92|.5||||
Petal & Pine Gift Wrap|Packaging|10|58|.6|december .9|||
USPS|Postage|84|13|.6|december .9|||
UPS|Shipping|32|16|.6|december .9|||
Meta Ads|Social media advertising|26|68|.6||||
Vistaprint|Printing and flyers|6|72|.6||||
Costco|Party refreshments|30|64|.6||||
Hollow Oak Community Hall|Hire of rooms for parties|16|140|.3||||
Exxon Mobil|Vehicle fuel|62|41|.3||||
Delta Air Lines|Travel|2|310|.4||||brand convention
Marriott|Travel|2|420|.4||||
Best Buy Business|Computer equipment|2|260|.8||||
Amazon Business|Office supplies|34|29|.9||||
Fiverr|Website|4|85|.6||||
Cedar & Lane Socials|Social media advertising|9|150|.3||2024-10||
Udemy|Training|3|22|.4||||
Target Ring Lights|Photo equipment|2|95|.6||||
"""

AGREEMENTS = """
vendor|agreement_ends|not_renewed|worse_terms_cost|brings_access|brings_marketing|brings_learning
Rosalind Vey Beauty|2026-12-31||2400||350|18
"""

VENDORS = """
vendor|relation|role|founded|size|sector|owner|crit|share|records|value|switch|retool|prepaid|weeks|margin|hubs|have|brand
Rosalind Vey Beauty|direct|brand|1986|5200|manufacturing|public|5|0.94|1800|4|3500|2600|2400|12|1350|||3243233
Vey Rep Portal|direct|brand's ordering and genealogy site|2010|140|information|private|5|0.94|2600|2|400|300|0|2|1350|Rosalind Vey Beauty:0.95;Nimbra Cloud:0.15||2243344
Partyline CRM|indirect|customer database|2022|5|information|private|4|0.3|2400|2.2|700|300|90|2|420|Nimbra Cloud:0.4||5515445
Petal & Pine Gift Wrap|indirect|packaging|2015|8|wholesale|private|1|0|0|0|60|0|0|0.5|20||2|
Harrowgate Payroll|indirect|payroll service|2003|210|professional|private|2|0|60|2.5|200|0|0|0.5|30||x2|4443345
Wickfield Accountants|indirect|accountant|1994|11|professional|private|3|0|600|1|500|0|0|1|40||x|2243222
Hollow Oak Community Hall|indirect|place for parties|1957|3|all|government|2|0.15|0|0|100|0|140|1|160||2|3334-22
Cedar & Lane Socials|indirect|social media helper|2024|1|professional|private|2|0.1|300|1|250|0|0|1|120|||4525554
"""

EVENTS = """
vendor|date|kind|note
Rosalind Vey Beauty|2026-03-24|policy|team bonus cut from three levels to two
Rosalind Vey Beauty|2025-06-18|personnel|regional director replaced, third in four years
Partyline CRM|2026-05-13|environment|price war with a free tool of a large rival
"""

MITIGATIONS = """
vendor|option|yearly_cost|probability_factor|loss_factor
Rosalind Vey Beauty|own customer list outside the portal|120|1|0.8
Rosalind Vey Beauty|second line for a third of the range|900|1|0.55
Partyline CRM|monthly export|30|1|0.3
"""

CONTRACTS = """
vendor|capability|start|end|notice_days|auto_renew|annual_price|seats_paid|seats_active|uplift
Rosalind Vey Beauty|representative agreement|2025-01-01|2026-12-31|30|yes|538|||0.15
QuickBooks|bookkeeping|2026-03-15|2027-03-14|30|yes|463|1|1|0.1
Mailchimp|email marketing|2025-05-11|2026-11-10|30|yes|465|||0.14
Partyline CRM|customer database|2025-09-18|2026-09-17|30|yes|360|2|1|0.25
Google Workspace|office suite|2025-07-16|2026-07-15|0|yes|202|2|1|0.17
Dropbox|file storage|2025-10-20|2026-10-19|0|yes|158|1|1|0.1
Public Storage|stock room|2025-02-01|2026-08-31|30|yes|2058|||0.09
"""

ASSETS = """
technology|vendor|capability|cost|in_service|salvage|yearly_cost|staff_hours|end_of_life|integrates_with
Laptop|HP|computers|780|2018-10-16|20|60|30|2025-10-14|Customer list in a spreadsheet
Customer list in a spreadsheet||customer records|0|2015-03-20|0|0|95||Laptop
Phone|Apple Business|mobile|820|2023-11-24|180|0|4||
Card reader|Square Payments|payments|49|2021-06-15|0|0|2||Phone
"""

INITIATIVES = """
id|name|goal|purpose|owner|cost_per_quarter|hours_per_quarter|benefit_low|benefit_mode|benefit_high|p_success|earliest|deadline|duration|after|mandatory|synergy_with|tags|replaces
list|One customer list, backed up|keep customers|contain|Nadia|120|24|300|1600|3800|0.9|2026-07-01||1||yes|replenish|data;quick win|
laptop|Replace the laptop|stay open|contain|Nadia|850|6|150|520|900|0.97|2026-07-01|2026-12-31|1||yes||security|Laptop
replenish|Reminders when a product runs out|more repeat orders|generate|Nadia|280|26|800|4600|9500|0.65|2026-10-01||1|list|||automation;customer experience|
live|Weekly live video demonstrations|reach beyond parties|differentiate|Nadia|350|60|-600|5200|14000|0.5|2026-07-01||2||||customer experience;niche|
team|First-ninety-days plan for new team members|more of them sell|generate|Keisha|260|40|200|3400|8800|0.55|2026-07-01||2||||training|
"""

TEAM = """
partner|kind|segment|signed|ended|owner|margin|cycle|trust|given|received|level
Keisha Barlow|other|volume|2022-02-15||Nadia|0.09|21|5555|600|2400|2300
Tonya Reyes|other|volume|2022-09-20||Nadia|0.08|21|4444|300|900|
Mei-Lin Castellano|other|volume|2023-03-14||Nadia|0.08|21|4444|300|800|
Gloria Patterson|other|volume|2023-05-16|2025-02-28|Nadia|0.08|28|3322|200|100|
Anjali Rao|other|volume|2023-10-24||Nadia|0.08|21|4454|250|500|
Denise Whitcomb|other|volume|2024-01-17||Nadia|0.08|28|3232|150|100|0
Sofia Marin|other|volume|2024-04-23||Nadia|0.08|21|4343|200|300|
Brandi Oakes|other|volume|2024-08-20||Keisha|0.06|28|2322|120|0|0
Harriet Lund|other|volume|2024-10-15||Keisha|0.06|21|4444|150|200|
Yolanda Price|other|volume|2025-01-21||Nadia|0.08|21|3443|180|150|
Camille Dorsey|other|volume|2025-05-20||Keisha|0.06|28|3333|100|0|0
Ruth Adeyemi|other|volume|2025-09-16||Nadia|0.08|21|4444|160|60|
Paige Sutter|other|volume|2026-01-20||Nadia|0.08|28|3333|120|0|
Lorna Tibbets|other|volume|2026-04-14||Keisha|0.06|28||80|0|
"""

TEAM_EVENTS = """
partner|date|kind|note
Tonya Reyes|2025-03-18|people changed|her own mentor moved away
Anjali Rao|2026-02-17|policy|team bonus cut announced
"""

BEAUTY = Recipe(
    id="beauty-rep",
    profile={
        "name": "Nadia Okonjo, Rosalind Vey representative",
        "sector": "retail",
        "setting": "retail",
        "currency": "USD",
        "employees": 2,
        "yearly_revenue": 186_000,
        "hourly_wage": 16.5,
        "discount_rate": 0.14,
    },
    dialect=Dialect(date="%m/%d/%Y", formats={"ledger": "tsv"}),
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
    },
    ledger_columns=LEDGER_COLUMNS,
    blemishes={
        "exact duplicate": 7,
        "missing amount": 3,
        "impossible date": 2,
        "no date": 1,
        "redacted supplier": 3,
        "thousands mark": 4,
        "brackets": 2,
        "currency sign": 4,
        "trailing blanks": 4,
        "letter case": 4,
        "other currency": 1,
    },
    reading={"date_order": "month-first"},
    channel=Channel(
        partners=TEAM,
        events=TEAM_EVENTS,
        services="",
        typical=330,
        spread=0.9,
        order=48,
        ramp_months=5,
        growth=0.04,
        season="12 .25",
        spend=(45, 30, 20, 90),
        plan=(17_200, 0.14, 12_300, 0.05, 12),
    ),
    spoiled=(("partner_revenue", 24, "revenue", "", "missing amount"),),
)
