{#- What a receipt's header and a line's override say of the line; without a header: unknown. -#}
{% macro profile_attributes(header, override) -%}
    coalesce({{ header }}.transaction_type, {{ unknown_id() }}) as transaction_type,
    coalesce({{ header }}.is_offline, false) as is_offline,
    coalesce({{ header }}.is_loyalty_present, false) as is_loyalty_present,
    {{ override }}.line_number is not null as is_overridden
{%- endmacro %}

{#- The condition that a line with these attributes has the profile. -#}
{% macro has_profile(line, profile) -%}
    {{ line }}.channel = {{ profile }}.channel
    and {{ line }}.transaction_type = {{ profile }}.transaction_type
    and coalesce({{ line }}.entry_method, {{ unknown_id() }}) = {{ profile }}.entry_method
    and {{ line }}.is_offline = {{ profile }}.is_offline
    and {{ line }}.is_overridden = {{ profile }}.is_overridden
    and {{ line }}.is_loyalty_present = {{ profile }}.is_loyalty_present
{%- endmacro %}
