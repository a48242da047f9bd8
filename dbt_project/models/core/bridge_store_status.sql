-- Grain: one row per store, status and span of dates in which it did not trade: before it opened,
-- after it closed, and while the calendar gives a reason for its closed days. Such a span is a
-- remodelling when it holds a day on which the master says that one ended; without a calendar that
-- day is all that is known of it. A day without a row is one on which the store was to trade.
with

version as (

    select * from {{ ref('int_store__versioned') }}

),

closed_span as (

    select * from {{ ref('int_store_closure__dated') }}

),

remodel as (

    select distinct store_id, remodel_date
    from version
    where remodel_date is not null

),

told as (

    select
        store_id,
        'not_opened' as status_code,
        cast(null as {{ dbt.type_string() }}) as closed_reason,
        valid_from_date,
        least(valid_to_date, {{ add_days('open_date', -1) }}) as valid_to_date
    from version
    where open_date > valid_from_date and (close_date is null or close_date >= open_date)

    union all

    -- a master that says late when the store closed says it of the days before, too
    select
        store_id,
        'closed' as status_code,
        cast(null as {{ dbt.type_string() }}) as closed_reason,
        {{ add_days('close_date', 1) }} as valid_from_date,
        case
            when open_date > close_date then least(valid_to_date, {{ add_days('open_date', -1) }})
            else valid_to_date
        end as valid_to_date
    from version
    where
        close_date < valid_to_date
        -- or it opened again on the next day
        and coalesce(open_date <> {{ add_days('close_date', 1) }}, true)

    union all

    select
        closed_span.store_id,
        case when remodel.store_id is null then 'closed_for_a_time' else 'remodelling' end
            as status_code,
        closed_span.closed_reason,
        closed_span.valid_from_date,
        closed_span.valid_to_date
    from closed_span
    left join remodel
        on
            closed_span.store_id = remodel.store_id
            and closed_span.valid_from_date <= remodel.remodel_date
            and closed_span.valid_to_date >= remodel.remodel_date

    union all

    select
        remodel.store_id,
        'remodelling' as status_code,
        cast(null as {{ dbt.type_string() }}) as closed_reason,
        remodel.remodel_date as valid_from_date,
        remodel.remodel_date as valid_to_date
    from remodel
    left join closed_span
        on
            remodel.store_id = closed_span.store_id
            and remodel.remodel_date >= closed_span.valid_from_date
            and remodel.remodel_date <= closed_span.valid_to_date
    where closed_span.store_id is null

),

merged as (

    {{ merged_spans('told', ['store_id', 'status_code', 'closed_reason']) }}

),

final as (

    select * from merged

)

select * from final
