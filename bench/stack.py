"""What the bench starts: the project twice, the floor, the peers and a private
nginx. The database runs already."""
import contextlib
import os
import pathlib
import re
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request

import dataset

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent
WORKERS = 2  # of everything: nginx, the project, the floor, each peer

# As Debian's nginx ships it in /etc/nginx/fastcgi_params.
FASTCGI_PARAMS = """
    fastcgi_param QUERY_STRING $query_string;
    fastcgi_param REQUEST_METHOD $request_method;
    fastcgi_param CONTENT_TYPE $content_type;
    fastcgi_param CONTENT_LENGTH $content_length;
    fastcgi_param SCRIPT_NAME $fastcgi_script_name;
    fastcgi_param REQUEST_URI $request_uri;
    fastcgi_param DOCUMENT_URI $document_uri;
    fastcgi_param DOCUMENT_ROOT $document_root;
    fastcgi_param SERVER_PROTOCOL $server_protocol;
    fastcgi_param REQUEST_SCHEME $scheme;
    fastcgi_param GATEWAY_INTERFACE CGI/1.1;
    fastcgi_param SERVER_SOFTWARE nginx/$nginx_version;
    fastcgi_param REMOTE_ADDR $remote_addr;
    fastcgi_param REMOTE_PORT $remote_port;
    fastcgi_param SERVER_ADDR $server_addr;
    fastcgi_param SERVER_PORT $server_port;
    fastcgi_param SERVER_NAME $server_name;
    fastcgi_param REDIRECT_STATUS 200;
"""


class Failure(Exception):
    pass


def free_ports(n):
    with contextlib.ExitStack() as stack:
        ports = []
        for _ in range(n):
            s = stack.enter_context(socket.socket())
            s.bind(("127.0.0.1", 0))
            ports.append(s.getsockname()[1])
        return ports


class Stack:
    def __init__(self, state, run, build):
        self.state, self.run, self.build = state, run, build
        self.etc, self.log = state / "etc", state / "log"
        self.project_port, self.plain_port, self.peer_port = free_ports(3)
        self.processes = {}
        # A run's logs are its own: they grow by gigabytes an hour.
        for old in self.log.glob("bench-*.log"):
            old.unlink()

    # The database.

    def client(self, database):
        """The words of the database's own client."""
        return [shutil.which("mariadb") or shutil.which("mysql"),
                "--no-defaults", f"--socket={self.run}/database.sock",
                "--user=root", "--local-infile=1", "--skip-column-names",
                "--batch", "--unbuffered", database]

    def sql(self, text, database="connectors", capture=False):
        done = subprocess.run(
            self.client(database), input=text, text=True,
            capture_output=True, check=False)
        if done.returncode != 0:
            raise Failure(f"SQL: {done.stderr.strip()}: {text[:200]}")
        return done.stdout if capture else None

    def load(self, size, database="connectors"):
        """Loads the dataset, unless it is there; takes away what an earlier
        run stored."""
        mark = f"{size.companies} {size.each} {size.big} {size.variables}"
        note = self.state / "facts" / f"dataset-{database}"
        if note.exists() and note.read_text() == mark:
            self.forget_stores(size, database)
            return
        folder = self.state / "dataset"
        folder.mkdir(exist_ok=True)
        dataset.write(folder, size)
        for statement in dataset.statements(folder):
            self.sql(statement if "LOAD" not in statement else
                     "SET unique_checks=0, foreign_key_checks=0; " + statement,
                     database)
        shutil.rmtree(folder)
        note.parent.mkdir(exist_ok=True)
        note.write_text(mark)

    def forget_stores(self, size, database="connectors"):
        last = size.connectors
        first = last * size.variables + 1
        catalogue = dataset.catalogue_variables()
        self.sql(f"""
            DELETE FROM model_variables WHERE model_type = 'connector'
                AND model_id > {last};
            DELETE FROM variables WHERE id >= {first + catalogue};
            DELETE FROM connectors WHERE id > {last};
            DELETE FROM audit_events;
            UPDATE data_versions SET version = version + 1, connectors =
                (SELECT COUNT(*) FROM connectors c
                 WHERE c.company_id = data_versions.company_id);
        """, database)

    # Processes.

    def start(self, name, argv, env=None, cwd=None):
        log = open(self.log / f"bench-{name}.log", "ab")
        self.processes[name] = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=cwd,
            env={**os.environ, **(env or {})}, start_new_session=True)
        log.close()

    def stop(self, name):
        process = self.processes.pop(name, None)
        if process is None:
            return
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def stop_all(self):
        for name in list(self.processes):
            self.stop(name)

    def alive(self, name):
        return name in self.processes and self.processes[name].poll() is None

    def pids(self, name):
        """A service's process and all below it."""
        if name == "database":
            roots = [int((self.run / "database.pid").read_text())]
        else:
            roots = [self.processes[name].pid] if self.alive(name) else []
        found = []
        while roots:
            pid = roots.pop()
            found.append(pid)
            with contextlib.suppress(OSError):
                for task in os.listdir(f"/proc/{pid}/task"):
                    path = f"/proc/{pid}/task/{task}/children"
                    roots += map(int, open(path).read().split())
        return found

    # The project.

    def project(self, name, cache="", workers=WORKERS, database="connectors"):
        """Starts the project; cache empty: as it comes."""
        base = (self.etc / "connectors.conf").read_text()
        lines, section = [], ""
        for line in base.splitlines():
            if line.startswith("["):
                section = line
            if section not in ("[api]", "[test]", "[admin]"):
                lines.append(line)
        text = "\n".join(lines).replace("name = connectors",
                                        f"name = {database}")
        text += (f"\n[api]\nlisten = unix:{self.run}/{name}.sock\n"
                 f"workers = {workers}\nmode = 0666\n[test]\nlisten =\n"
                 f"[admin]\nlisten = unix:{self.run}/{name}-admin.sock\n"
                 f"mode = 0666\n")
        if cache:
            text += f"[cache]\nanswers = {cache}\n"
        path = self.etc / f"{name}.conf"
        path.write_text(text)
        self.start(name, [self.build / "connectors-fcgi", "--config", path])

    # The others.

    def database_env(self):
        return {
            "BENCH_SOCKET": f"{self.run}/database.sock",
            "BENCH_USER": "connectors",
            "BENCH_PASSWORD":
                (self.etc / "database-password").read_text().strip(),
            "BENCH_DATABASE": "connectors",
        }

    def floor(self):
        """Both programs make their workers by themselves."""
        for name in ("floor", "fixed"):
            self.start(name, [self.build / "bench" / name,
                              f"{self.run}/{name}.sock", str(WORKERS)],
                       self.database_env())

    def php(self):
        """False: there is no PHP here."""
        fpm = sorted(pathlib.Path("/usr/sbin").glob("php-fpm*"))
        if not fpm:
            return False
        config = self.etc / "php-fpm.conf"
        pool = "" if os.geteuid() else "user = root\ngroup = root\n"
        config.write_text(
            f"[global]\nerror_log = {self.log}/bench-php.log\n"
            f"daemonize = no\n[www]\n{pool}"
            f"listen = {self.run}/php.sock\nlisten.mode = 0666\n"
            "listen.backlog = 1024\npm = static\n"
            f"pm.max_children = {WORKERS}\nclear_env = no\n"
            "php_admin_value[opcache.enable] = 1\n"
            "php_admin_value[opcache.validate_timestamps] = 0\n")
        root = [] if os.geteuid() else ["-R"]
        self.start("php", [fpm[-1], *root, "-y", config, "-F"],
                   self.database_env())
        return True

    def node(self):
        """False: there is no Node here, or its packages do not install."""
        if not shutil.which("node") or not shutil.which("npm"):
            return False
        folder = self.state / "node"
        folder.mkdir(exist_ok=True)
        for name in ("peer.js", "package.json"):
            shutil.copy(HERE / name, folder)
        if not (folder / "node_modules" / "mysql2").exists():
            with open(self.log / "bench-npm.log", "wb") as log:
                done = subprocess.run(
                    ["npm", "install", "--no-audit", "--no-fund"], cwd=folder,
                    stdout=log, stderr=log, check=False, timeout=120)
            if done.returncode != 0:
                return False
        self.start("node", ["node", "peer.js", f"{self.run}/node.sock",
                            str(WORKERS)], self.database_env(), folder)
        return True

    # nginx.

    def nginx(self):
        folder = self.etc / "bench-nginx"
        folder.mkdir(exist_ok=True)
        (self.state / "nginx").mkdir(exist_ok=True)
        shipped = TOP / "nginx"
        upstream = (shipped / "connectors-upstream.conf").read_text()
        for lane, sock in (("api", "project"), ("admin", "project-admin"),
                           ("test", "test")):
            upstream = upstream.replace(f"unix:/run/connectors/{lane}.sock",
                                        f"unix:{self.run}/{sock}.sock")
        upstream = upstream.replace("rate=50r/s", "rate=100000r/s")
        upstream = upstream.replace("rate=200r/s", "rate=100000r/s")
        (folder / "upstream.conf").write_text(upstream)
        shutil.copy(shipped / "connectors-maps.conf", folder)
        locations = (shipped / "connectors-locations.conf").read_text()
        (folder / "project.conf").write_text(locations)
        (folder / "plain.conf").write_text(
            re.sub("fastcgi_pass connectors_api(_kept)?;",
                   "fastcgi_pass plain_api;", locations))
        (folder / "params.conf").write_text(FASTCGI_PARAMS)
        (folder / "nginx.conf").write_text(self.nginx_text(folder))
        self.start("nginx", ["nginx", "-p", f"{self.state}/nginx/", "-c",
                             folder / "nginx.conf", "-e",
                             self.log / "bench-nginx.log"])

    def nginx_text(self, folder):
        user = "" if os.geteuid() else "user root;"
        temp = "\n".join(f'{kind}_temp_path "{self.state}/nginx/{kind}";'
                         for kind in ("client_body", "fastcgi", "proxy",
                                      "scgi", "uwsgi"))
        peers = "".join(f"""
        location /{name}/ {{
            include {folder}/params.conf;
            fastcgi_pass unix:{self.run}/{name}.sock;
        }}""" for name in ("floor", "fixed"))
        return f"""
{user}
daemon off;
worker_processes {WORKERS};
pid "{self.run}/bench-nginx.pid";
error_log "{self.log}/bench-nginx.log" warn;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    server_tokens off;
    keepalive_requests 10000000;
    {temp}
    fastcgi_buffer_size 16k;
    fastcgi_buffers 16 16k;
    proxy_buffers 16 16k;
    include {folder}/upstream.conf;
    include {folder}/connectors-maps.conf;
    upstream plain_api {{
        server unix:{self.run}/plain.sock max_fails=0;
        keepalive 32;
    }}
    upstream node {{
        server unix:{self.run}/node.sock;
        keepalive 64;
        keepalive_requests 10000000;
    }}
    server {{
        listen 127.0.0.1:{self.project_port} backlog=1024;
        include {folder}/project.conf;
    }}
    server {{
        listen 127.0.0.1:{self.plain_port} backlog=1024;
        include {folder}/plain.conf;
    }}
    server {{
        listen 127.0.0.1:{self.peer_port} backlog=1024;
        location = /status {{ stub_status; }}
        {peers}
        location /php/ {{
            include {folder}/params.conf;
            fastcgi_param SCRIPT_FILENAME {HERE}/peer.php;
            fastcgi_pass unix:{self.run}/php.sock;
        }}
        location /node/ {{
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_pass http://node;
        }}
    }}
}}
"""

    # Asking.

    def prefix(self, name, route="connectors"):
        """(base URL, path of a route) of a contender."""
        if name in ("project", "plain"):
            port = self.project_port if name == "project" else self.plain_port
            return f"http://127.0.0.1:{port}", "/api/v1/" + route
        return f"http://127.0.0.1:{self.peer_port}", f"/{name}/{route}"

    def ask(self, url, company=1, headers=None, data=None):
        """(status, headers, body); OSError if nobody answers."""
        request = urllib.request.Request(url, data=data, headers={
            "Authorization": "Bearer " + dataset.api_key(company),
            "Content-Type": "application/json", **(headers or {})})
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()

    def wait_for(self, name, path="/1", seconds=30):
        """Waits until a contender shows a connector."""
        base, prefix = self.prefix(name)
        end = time.monotonic() + seconds
        status = None
        while time.monotonic() < end:
            with contextlib.suppress(OSError):
                status = self.ask(base + prefix + path)[0]
                if status == 200:
                    return
            if not self.alive(name):
                break
            time.sleep(0.002)
        raise Failure(f"{name} does not answer ({status}), see {self.log}")
