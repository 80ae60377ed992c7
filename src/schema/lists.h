/*
 * The fixed lists of values that more than one table uses.
 */
#ifndef SCHEMA_LISTS_H
#define SCHEMA_LISTS_H

/* NULL-terminated. */
extern const char *const list_rate_limit_units[];
extern const char *const list_protocols[];
extern const char *const list_http_methods[];
extern const char *const list_body_formats[];
extern const char *const list_colours[];
extern const char *const list_directions[];
extern const char *const list_data_types[];
extern const char *const list_pagination_methods[];
extern const char *const list_model_types[];
/* Columns of model_variables that a variable shows as its pivot. */
extern const char *const list_variable_pivot[];

#endif
