/*
 * Answers of token endpoints, and the table of their errors.
 */
#include <config.h>

#include "probe/grant.h"

#include "base/percent.h"
#include "base/text.h"
#include "probe/json_reader.h"
#include "probe/media.h"

#define REJECTED                     \
	REASON_CREDENTIALS_REJECTED, \
	    "The token endpoint does not accept the credentials"
#define REFUSED                                                             \
	REASON_TOKEN_REFUSED,                                               \
	    "The token endpoint did not give a token: check the scope and " \
	    "the body"
#define BROKEN               \
	REASON_SERVER_ERROR, \
	    "The token endpoint says that it has an error of its own"

static const struct grant_error errors[] = {
	/* RFC 6749, 5.2 */
	{ "invalid_client", REJECTED },
	{ "invalid_grant", REJECTED },
	{ "unauthorized_client", REJECTED },
	{ "invalid_request", REFUSED },
	{ "invalid_scope", REFUSED },
	{ "unsupported_grant_type", REFUSED },
	/* RFC 6749, 4.1.2.1 */
	{ "access_denied", REJECTED },
	{ "server_error", BROKEN },
	{ "temporarily_unavailable", BROKEN },
	/* RFC 6750, 3.1; some say it of a refresh token */
	{ "invalid_token", REJECTED },
	/* RFC 8707, 2 */
	{ "invalid_target", REFUSED },
	/* GitHub, with status 200 */
	{ "incorrect_client_credentials", REJECTED },
	{ "bad_verification_code", REJECTED },
	{ "bad_refresh_token", REJECTED },
};

/* Where the word of the error may be, beside the token or at the top level; the
 * RFC's place first. */
static const char *const places[] = { "error", "error.code", "error.type",
	"error.error", "error_code", "errors.0.code", "errors.0.error",
	"error.message" };

/* Values of these places that mean no error. */
static const char *const no_errors[] = { "", "false", "0" };

/* The value of a field of a form; the first of a name counts. */
static struct str
form_at(struct arena *a, struct str form, struct str name)
{
	struct str field;

	form = text_trim(form);
	while (str_next_part(&form, '&', &field)) {
		size_t equals = str_find(field, '=');
		struct str key = { field.ptr, equals };

		if (str_equal(percent_decode(a, key, true), name))
			return percent_decode(
			    a, str_from(field, equals + 1), true);
	}
	return STR("");
}

static void
values_at(struct arena *a, const struct grant *grant, const struct str *paths,
    size_t n, struct str *ret)
{
	if (!grant->is_form)
		json_reader_at_each(a, grant->text, paths, n, ret);
	for (size_t i = 0; i < n && grant->is_form; i++)
		ret[i] = form_at(a, grant->text, paths[i]);
}

/* The path of a member beside the token. */
static struct str
path_beside(struct arena *a, const struct grant *grant, const char *name)
{
	struct str path = grant->path;

	while (path.len > 0 && path.ptr[path.len - 1] != '.')
		path.len--;
	return arena_printf(a, "%.*s%s", STR_FMT(path), name);
}

bool
grant_read(struct str text, struct str content_type, struct str path,
    struct grant *ret)
{
	bool is_json = json_reader_accepts(text);
	bool is_form =
	    media_is(content_type, "application/x-www-form-urlencoded");

	*ret = (struct grant){
		.path = path.len == 0 ? STR("access_token") : path,
		.is_form = !is_json,
	};
	if (is_json || is_form)
		ret->text = text;
	return is_json || is_form;
}

struct str
grant_token(struct arena *a, const struct grant *grant)
{
	struct str value;

	values_at(a, grant, &grant->path, 1, &value);
	return value;
}

struct str
grant_refresh_token(struct arena *a, const struct grant *grant)
{
	const struct str paths[] = { path_beside(a, grant, "refresh_token"),
		STR("refresh_token") };
	struct str values[N_ELEMENTS(paths)];

	values_at(a, grant, paths, N_ELEMENTS(paths), values);
	return values[0].len > 0 ? values[0] : values[1];
}

static const struct grant_error *
find(struct str word)
{
	for (size_t i = 0; i < N_ELEMENTS(errors); i++)
		if (str_equal_text(word, errors[i].word))
			return &errors[i];
	return NULL;
}

static bool
is_error(struct str value)
{
	for (size_t i = 0; i < N_ELEMENTS(no_errors); i++)
		if (str_equal(value, str_of(no_errors[i])))
			return false;
	return true;
}

bool
grant_error(struct arena *a, const struct grant *grant, struct grant_error *ret)
{
	enum {
		N = N_ELEMENTS(places)
	};
	const struct grant_error *known = NULL;
	struct str paths[2 * N], values[2 * N];
	bool is_told = false;

	for (size_t i = 0; i < N; i++) {
		paths[i] = path_beside(a, grant, places[i]);
		paths[N + i] = str_of(places[i]);
	}
	values_at(a, grant, paths, N_ELEMENTS(paths), values);
	for (size_t i = 0; i < N_ELEMENTS(values) && known == NULL; i++) {
		is_told = is_told || is_error(values[i]);
		known = find(values[i]);
	}
	*ret = known != NULL ? *known : (struct grant_error){ 0 };
	return is_told;
}
