# A connector's whole life through a client that OpenAPI::Client (Debian:
# libopenapi-client-perl) makes from the document. It checks each request
# against the document before it sends it.
use strict;
use warnings;
use JSON::Validator;
use Mojo::JSON qw(true);
use OpenAPI::Client;

# It would fetch what an OpenAPI 3.1 document looks like from the net; the
# linters know that.
{
	no warnings 'redefine';
	my $load = \&JSON::Validator::Store::load;
	*JSON::Validator::Store::load = sub {
		my ($store, $url, @rest) = @_;
		return $store->$load($url, @rest)
			if $url !~ m{^https://spec\.openapis\.org/oas/3\.1/};
		$store->schemas->{$url} //= {};
		return $url;
	};
}

my $base = $ENV{CONNECTORS_BASE_URL};
my $client = OpenAPI::Client->new("$base/api/v1/openapi.json",
	base_url => $base);
$client->ua->on(start => sub {
	my ($ua, $tx) = @_;
	$tx->req->headers->authorization("Bearer $ENV{CONNECTORS_KEY}");
});

sub equal {
	my ($is, $wanted, $what) = @_;
	die "$what: $is instead of $wanted\n" if $is ne $wanted;
}

# One operation; its answer has the status.
sub ask {
	my ($operation, $status, $parameters) = @_;
	my $tx = $client->call($operation => $parameters);
	equal($tx->res->code, $status, "$operation: " . $tx->res->body);
	return $tx->res;
}

my $response = ask('connectors.store', 200, {
	'Idempotency-Key' => $ENV{ONCE},
	'include[]' => ['authenticationImplementation', 'certificate'],
	body => {
		name => 'By a client',
		authentication_implementation_id => 0 + $ENV{IMPLEMENTATION},
		timezone => 'Europe/Paris',
		date_format => 'Y-m-d',
		rate_limit_unit => 'minute',
		rate_limit_duration => 60,
		variables => [{ key => 'token', label => 'Token', value => 'hush',
			secret => true }],
	},
});
my $made = $response->json->{data};
my $id = $made->{id};
equal($made->{variables}[0]{value}, '********', 'the mask');
equal($made->{authentication_implementation}{id}, $ENV{IMPLEMENTATION},
	'the first of two includes');
equal(exists $made->{certificate}, 1, 'the second');

my $page = ask('connectors.index', 200, {
	'include[]' => ['variables', 'variables_count',
		'authenticationImplementation.system'],
	'filter[canonical_key]' => $made->{canonical_key},
	'filter[system]' => $ENV{SYSTEM},
	'fields[connectors][]' => ['name', 'timezone'],
	sort => '-name',
	per_page => 5,
})->json;
equal($page->{meta}{total}, 1, 'how many there are');
my $row = $page->{data}[0];
equal(join(' ', sort keys %$row), 'authentication_implementation id name ' .
	'timezone variables variables_count', 'the members of the row');
equal($row->{authentication_implementation}{system}{name}, $ENV{SYSTEM},
	'the last include');

my $tag = ask('connectors.show', 200, { connector => $id })->headers->etag;
ask('connectors.show', 304, { connector => $id, 'If-None-Match' => $tag });
ask('connectors.update', 200, { connector => $id, 'If-Match' => $tag,
	body => { name => 'Renamed' } });
ask('connectors.update.patch', 412, { connector => $id, 'If-Match' => $tag,
	body => { name => 'Too late' } });

my $result = ask('connectors.test', 200, { connector => $id,
	Prefer => 'return=representation' })->json->{data};
equal($result->{stage}, 'done', 'the test');
my $tests = ask('connectors.tests', 200, { connector => $id })->json->{data};
equal($tests->[0]{result}{stage}, 'done', 'that it is kept');

# What the document does not allow is not even sent.
my $refused = $client->call('connectors.index', { sort => 'none' });
equal($refused->error->{message}, 'Invalid input', 'a sort that there is not');

ask('connectors.destroy', 200, { connector => $id });
ask('connectors.show', 404, { connector => $made->{canonical_key} });
print "lived\n";
