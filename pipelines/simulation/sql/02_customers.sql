-- People who buy till they die, with known parameters (MBG/NBD): purchases at rate lambda, lambda ~
-- Gamma(r, alpha); after each purchase, the first too, the customer leaves with probability p,
-- p ~ Beta(a, b). Spend of a purchase ~ Gamma(p_spend, nu), nu ~ Gamma(q_spend, v_spend).
-- All shapes are whole numbers, so that a draw is a sum of exponentials.
create macro whole_gamma(stream, place, shape) as
    list_sum(list_transform(
        range(0, shape), lambda i: exponential(stream, place, i)
    ));

create table customer as
select
    customer_no,
    printf('C%07d', customer_no) as customer_ref,
    'crm' as source_system,
    'person' as customer_type,
    pick(['Anna', 'Björn', 'Carla', 'Dieter', 'Elin', 'Fátima', 'Günter', 'Helmi', 'Inês', 'Jörg',
        'Kaisa', 'Luis', 'Märta', 'Nuno', 'Oskari', 'Petra', 'Raúl', 'Sofía', 'Tuomas', 'Ulrike',
        'Veikko', 'Wiebke', 'Ximena', 'Yara'], 'given', customer_no) as given_name,
    pick(['Testmann', 'Beispiel', 'Muster', 'Exempel', 'Esimerkki', 'Ejemplo', 'Exemplo', 'Probst',
        'Prövare', 'Koe', 'Ensayo', 'Amostra', 'Musterfrau', 'Vorlage', 'Malli', 'Plantilla',
        'Modelo', 'Schablone', 'Kaava', 'Patrón', 'Padrão', 'Specimen', 'Dummy', 'Platzhalter'],
        'family', customer_no // 2) as family_name,
    pick(['f', 'm', 'x'], 'gender', customer_no) as gender,
    date '1942-01-01' + cast(floor(share('born', customer_no, 0) * 23000) as integer) as birth_date,
    printf('kunde.%d@%s', customer_no,
        pick(['example.com', 'example.org', 'example.net'], 'mail', customer_no)) as email,
    printf('+999 %09d', 100000000 + customer_no * 37) as phone,
    -- two neighbours in number are one household, half of the time
    case when share('alone', customer_no // 2, 0) < 0.5
        then printf('Musterweg %d', customer_no // 2)
        else printf('Beispielallee %d', customer_no) end as street,
    1 + cast(floor(pow(share('home', customer_no // 2, 0), 1.2) * getvariable('stores')) as integer)
        as home_store_no,
    pick(['store', 'web', 'referral', 'campaign'], 'won', customer_no) as acquisition_channel,
    -- seconds after the opening of the first day; many join at once, as when a card is launched
    cast(floor(case when share('early', customer_no, 0) < 0.4
        then 0.1 * share('joined', customer_no, 0) else 0.7 * share('joined', customer_no, 0) end
        * getvariable('days') * 86400) as bigint) as joined_second,
    whole_gamma('rate', customer_no, getvariable('r')) / getvariable('alpha') as purchase_rate,
    whole_gamma('leave', customer_no, getvariable('a'))
        / (whole_gamma('leave', customer_no, getvariable('a'))
            + whole_gamma('stay', customer_no, getvariable('b'))) as leave_probability,
    whole_gamma('nu', customer_no, getvariable('q_spend')) / getvariable('v_spend') as spend_scale,
    cast(null as text) as plant
from range(1, getvariable('customers') + 1) as numbers (customer_no);

create table purchase as
with chance as (
    select
        *,
        -- whole seconds, so that the running sum does not depend on its order
        cast(floor(exponential('gap', customer_no, place) / purchase_rate * 86400) as bigint) as gap
    from (
        select
            customer_no, joined_second, purchase_rate,
            unnest(range(1, 1 + least(250, cast(floor(
                ln(1 - share('stays', customer_no, 0)) / ln(1 - leave_probability)
            ) as integer)))) as place
        from customer
    )
),
moment as (
    select customer_no, 0 as place, joined_second as second from customer
    union all
    select
        customer_no, place,
        joined_second + cast(sum(gap) over (partition by customer_no order by place) as bigint)
    from chance
)
select
    customer_no, place, cast(second // 86400 as integer) as day,
    hash(getvariable('seed'), 'purchase', customer_no, place) as seed
from moment
where second < getvariable('days') * 86400;
