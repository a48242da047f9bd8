{#- Texts and keys of the members that stand for a missing reference. A missing key is never NULL. -#}
{% macro unknown_id() -%}'unknown'{%- endmacro %}
{% macro not_applicable_id() -%}'not applicable'{%- endmacro %}
{% macro erased_id() -%}'erased'{%- endmacro %}
{% macro no_promotion_id() -%}'no promotion'{%- endmacro %}

{#- A blank reference points at the unknown member. -#}
{% macro reference_id(expression) -%}
    coalesce({{ filled_text(expression) }}, {{ unknown_id() }})
{%- endmacro %}

{#- Key of a dimension member by its id: special members have fixed keys. -#}
{% macro member_key(id_column) -%}
    case {{ id_column }}
        when {{ unknown_id() }} then cast(-1 as bigint)
        when {{ not_applicable_id() }} then cast(-2 as bigint)
        when {{ erased_id() }} then cast(-3 as bigint)
        when {{ no_promotion_id() }} then cast(0 as bigint)
        else {{ surrogate_key([id_column]) }}
    end
{%- endmacro %}

{#- The rows every dimension has: one column, the id. -#}
{% macro special_member_ids() -%}
    select {{ unknown_id() }} as member_id
    union all
    select {{ not_applicable_id() }} as member_id
{%- endmacro %}

{#- The same for customers, of whom one may be erased. -#}
{% macro special_customer_ids() -%}
    {{ special_member_ids() }}
    union all
    select {{ erased_id() }} as member_id
{%- endmacro %}

{#- A member no master knows. The special members are ours, not inferred. -#}
{% macro is_inferred(member_id, master_id) -%}
    {{ master_id }} is null
    and {{ member_id }} not in (
        {{ unknown_id() }}, {{ not_applicable_id() }}, {{ erased_id() }}, {{ no_promotion_id() }}
    )
{%- endmacro %}

{#- A star stands for every store: no store of its own. -#}
{% macro store_or_all(expression) -%}
    case when {{ expression }} = '*' then {{ not_applicable_id() }} else {{ expression }} end
{%- endmacro %}

{#-
    Where an erased customer was part of a key a token stands, so that the rows of two of them stay two;
    see pipelines/privacy/scrub.py. For readers they are all the erased member.
-#}
{% macro is_erased(expression) -%}
    {{ expression }} like 'erased-%'
{%- endmacro %}
{% macro kept_reference(expression) -%}
    case when {{ is_erased(expression) }} then {{ erased_id() }} else {{ expression }} end
{%- endmacro %}
