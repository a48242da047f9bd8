-- Grain: one row per half-hour of the local day, 0 to 47.
with

half_hour as (

    select {{ days_between("date '2020-01-01'", 'date_day') }} as half_hour_number
    from ({{ day_series('2020-01-01', '2020-02-17') }}) as spine

),

hour_of_day as (

    select
        half_hour_number,
        cast(floor(half_hour_number * 0.5) as bigint) as hour_number

    from half_hour

),

final as (

    select
        half_hour_number,
        concat(
            lpad(cast(hour_number as {{ dbt.type_string() }}), 2, '0'),
            case when half_hour_number = 2 * hour_number then ':00' else ':30' end
        ) as half_hour_label,
        hour_number,
        case
            when hour_number < 6 then 'night'
            when hour_number < 11 then 'morning'
            when hour_number < 14 then 'midday'
            when hour_number < 18 then 'afternoon'
            else 'evening'
        end as daypart_name

    from hour_of_day

)

select * from final
