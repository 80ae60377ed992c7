# Read by the tests: a server of nginx with the API, the demo catalogue, a key.

url=http://127.0.0.1/api/v1/connectors
site=/etc/nginx/sites-available/connectors

die() {
	echo "$*" >&2
	exit 1
}

# What an administrator does: one line in a server block. Its rate limits would
# meet a test's load, so they are generous.
prepare_nginx() {
	cat >$site <<-'END'
	server {
		listen 80 default_server;
		include snippets/connectors-locations.conf;
	}
	END
	rm -f /etc/nginx/sites-enabled/default
	ln -sf $site /etc/nginx/sites-enabled/
	sed -i 's/rate=[0-9]*r/rate=100000r/' \
		/etc/nginx/conf.d/connectors-upstream.conf
	nginx -t -q
	# Not a reload: the workers it replaces close kept connections later.
	systemctl restart nginx
}

prepare_data() {
	sed 's/@PORT@/80/g' demo/catalogue.json | connectorsctl import -
	key=$(connectorsctl key create --company 1)
}

# status METHOD URL [ARGUMENTS FOR CURL]
status() {
	method=$1
	target=$2
	shift 2
	curl -gs -m 20 -o /tmp/answer -w '%{http_code}' -X "$method" \
		-H "Authorization: ${key-none}" "$@" "$target"
}

# expect STATUS METHOD URL [ARGUMENTS FOR CURL]
expect() {
	wanted=$1
	shift
	got=$(status "$@") || true
	[ "$got" = "$wanted" ] ||
		die "$1 $2: $got instead of $wanted: $(cat /tmp/answer)"
	echo "$1 $2: $got"
}

wait_for_answer() {
	for _ in $(seq 300); do
		[ "$(status GET $url || true)" != 200 ] || return 0
		sleep 0.1
	done
	die "no answer: $(cat /tmp/answer)"
}

# Load for a while, on $connections (4), beside COMMAND: nothing may fail. Sets
# $requests.
# under_load SECONDS COMMAND
under_load() {
	wrk -t 1 -c "${connections-4}" -d "$1s" --timeout 10s -H "Authorization: $key" \
		"$url/1" >/tmp/load 2>&1 &
	load=$!
	sleep 1
	shift
	"$@"
	wait $load
	if grep -E 'Non-2xx|Socket errors' /tmp/load; then
		journalctl -u connectors-api -o cat --no-pager |
			grep -v '"level":"info"' | tail -n 20 >&2
		die "requests failed"
	fi
	requests=$(sed -n 's/^ *\([0-9]*\) requests in.*/\1/p' /tmp/load)
	[ "$requests" -gt 100 ] || die "hardly any load: $(cat /tmp/load)"
	echo "$requests requests, none failed"
}
