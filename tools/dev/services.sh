# The pools of workers and the private nginx.

# Where the database is: a socket, or the nodes in their order. MySQL makes
# itself a certificate, MariaDB does not.
config_database() {
	if ! is_cluster; then
		printf 'socket = %s\n' "$run/database.sock"
		return
	fi
	config_hosts=
	for node in $database_nodes; do
		config_hosts=$config_hosts,127.0.0.1:$(node_port "$node" 0)
	done
	printf 'hosts = %s\n' "${config_hosts#,}"
	[ $database_kind = group-replication ] || printf 'tls_mode = disabled\n'
}

write_config() {
	cat >"$config" <<-EOF
		; Written by ./dev up, anew each time.
		[database]
		$(config_database)
		user = connectors
		name = connectors
		password_file = $etc/database-password
		migrations = $top/sql

		[secrets]
		keyring_file = $etc/keyring

		[pool]
		log_file =

		[api]
		listen = unix:$run/api.sock
		workers = $workers

		[test]
		listen = unix:$run/test.sock
		workers = $((workers * 2))
		allow_networks = 127.0.0.0/8

		[admin]
		listen = unix:$run/admin.sock
	EOF
}

ctl() {
	"$build/connectorsctl" --config "$config" "$@"
}

prepare_data() {
	[ -f "$etc/keyring" ] || ctl secrets init >/dev/null
	ctl migrate >"$log/migrate.log" 2>&1 || {
		show_log "$log/migrate.log"
		die "connectorsctl migrate failed"
	}
}

# The demo catalogue names the port of this stack in one variable, so another
# port means another import.
import_demo() {
	[ "$(fact demo none)" != "$port" ] || return 0
	sed "s/@PORT@/$port/g" "$top/demo/catalogue.json" |
		ctl import - >"$log/import.log" 2>&1 || {
		show_log "$log/import.log"
		die "the demo catalogue could not be imported"
	}
	keep_fact demo "$port"
}

# CONNECTORS_OPTIONS: further ones of connectors-fcgi, as `-o cache.answers=0`.
connectors_start() {
	if running connectors; then
		unchanged connectors "$config" && return 0
		stop connectors TERM 30
	fi
	unchanged connectors "$config" || true
	# shellcheck disable=SC2086 # several words
	setsid "$build/connectors-fcgi" --config "$config" \
		${CONNECTORS_OPTIONS-} </dev/null \
		>>"$log/connectors.log" 2>&1 9>&- &
	printf '%s\n' $! >"$run/connectors.pid"
}

# nginx reads the shipped files unchanged, but for the upstreams' sockets, the
# rate limits and the place of the page to read, which are each installation's
# own.
write_nginx() {
	private_folder "$etc/nginx" "$state/nginx"
	sed -e "s|unix:/run/connectors/\([a-z]*\.sock\)|\"unix:$run/\1\"|" \
		-e 's|rate=[0-9]*r/s|rate=100000r/s|' \
		"$top/nginx/connectors-upstream.conf" \
		>"$etc/nginx/connectors-upstream.conf"
	sed -e "s|/usr/share/connectors/docs.html|$build/docs.html|" \
		"$top/nginx/connectors-locations.conf" \
		>"$etc/nginx/connectors-locations.conf"
	cp "$top/nginx/connectors-maps.conf" \
		"$top/nginx/connectors-server.conf" \
		"$top/tools/dev/demo-target.conf" "$etc/nginx/"
	printf 'demo:{PLAIN}open sesame\n' >"$etc/nginx/demo-users"
	nginx_user=
	if [ "$(id -u)" = 0 ]; then
		nginx_user="user root;"
	fi
	cat >"$etc/nginx/nginx.conf" <<-EOF
		# Written by ./dev up, anew each time.
		$nginx_user
		worker_processes 2;
		pid "$run/nginx.pid";
		error_log "$log/nginx.log" warn;
		events { worker_connections 4096; }
		http {
		    access_log off;
		    server_tokens off;
		    client_body_temp_path "$state/nginx/body";
		    fastcgi_temp_path "$state/nginx/fastcgi";
		    proxy_temp_path "$state/nginx/proxy";
		    scgi_temp_path "$state/nginx/scgi";
		    uwsgi_temp_path "$state/nginx/uwsgi";
		    include connectors-upstream.conf;
		    include connectors-maps.conf;
		    server {
		        listen 127.0.0.1:$port backlog=1024;
		        include connectors-locations.conf;
		        include connectors-server.conf;
		        include demo-target.conf;
		        # Nobody else is here: what is no route, the API says.
		        location ^~ /api/ {
		            client_max_body_size 0;
		            rewrite ^ /connectors-call/api last;
		        }
		        location / {
		            error_page 404 /connectors-error;
		            return 404;
		        }
		    }
		}
	EOF
}

nginx_start() {
	if running nginx; then
		unchanged nginx "$etc/nginx"/* && return 0
		stop nginx QUIT 5
	fi
	unchanged nginx "$etc/nginx"/* || true
	setsid nginx -p "$state/nginx/" -c "$etc/nginx/nginx.conf" \
		-e "$log/nginx.log" </dev/null >>"$log/nginx.log" 2>&1 9>&- || {
		show_log "$log/nginx.log"
		die "nginx does not start (is port $port free?)"
	}
}

# Without a key the application itself answers 401.
answers() {
	[ "$(curl -s -o /dev/null -m 5 -w '%{http_code}' \
		"$url/api/v1/connectors")" = 401 ]
}
