select day_date(0) as _date, rule, event, "offset", stage, category, channel, instruction
from (values
    ('R1', 'due_date', -56, 'pregnant, week 32', 'Vitamins', 'email', 'Advise on vitamins'),
    ('R2', 'due_date', -28, 'pregnant, week 36', 'Diapers', 'email', 'Offer the hospital bag'),
    ('R3', 'birth', 14, 'newborn', 'Formula', 'email', 'Advise on formula'),
    ('R4', 'birth', 30, 'newborn', 'Diapers', 'email', 'Advise on the next size'),
    ('R5', 'purchase:Laundry', 21, 'owner', 'Laundry', 'email', 'Ask whether the machine runs well'),
    ('R6', 'case:visit', 28, 'fleet', null, 'email', 'Agree on the next visit')
) as rules (rule, event, "offset", stage, category, channel, instruction)
