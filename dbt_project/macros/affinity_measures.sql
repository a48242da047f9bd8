{#-
    Pearson's chi-square of the fourfold table: both, left only, right only, neither. In doubles, since
    the product of four counts leaves bigint. NULL when a member is in every basket.
-#}
{% macro affinity_chi_square() -%}
    {%- set n = 'cast(market.basket_count as double)' -%}
    {%- set n_left = 'cast(left_member.basket_count as double)' -%}
    {%- set n_right = 'cast(right_member.basket_count as double)' -%}
    {%- set n_pair = 'cast(pair.pair_basket_count as double)' -%}
    {{ n }} * power({{ n }} * {{ n_pair }} - {{ n_left }} * {{ n_right }}, 2)
    / nullif({{ n_left }} * {{ n_right }} * ({{ n }} - {{ n_left }}) * ({{ n }} - {{ n_right }}), 0)
{%- endmacro %}

{#-
    Metric M39. Lift 1 and leverage 0 are what chance alone would give. The shrunken lift is the mean of a
    gamma distribution whose prior has seen so many baskets with both where it expected as many (DuMouchel
    1999): few baskets move it little.
-#}
{% macro affinity_measures() -%}
    {%- set n = 'market.basket_count' -%}
    {%- set n_left = 'left_member.basket_count' -%}
    {%- set n_right = 'right_member.basket_count' -%}
    {%- set n_pair = 'pair.pair_basket_count' -%}
    {%- set prior = var('affinity_prior_basket_count') -%}
    {{ ratio(n_pair, n) }} as support_rate,
        {{ ratio(n_pair, n_left) }} as confidence_left_to_right_rate,
        {{ ratio(n_pair, n_right) }} as confidence_right_to_left_rate,
        {{ ratio(n ~ ' * ' ~ n_pair, n_left ~ ' * ' ~ n_right) }} as lift,
        {{ ratio(
            n_pair ~ ' + ' ~ prior,
            ratio(n_left ~ ' * ' ~ n_right, n) ~ ' + ' ~ prior
        ) }} as shrunken_lift,
        {{ ratio(n_pair, n) }} - {{ ratio(n_left, n) }} * ({{ ratio(n_right, n) }}) as leverage,
        {{ affinity_chi_square() }} as chi_square
{%- endmacro %}
