"""What the demo catalogue is made from: systems and how one signs in to them.

Names are invented, hosts are of example.com: nothing here endorses anybody.
"""
from connectors import CONNECTORS  # noqa: F401 (read from here by the maker)

COMPANIES = [
    {"name": "Harbour & Sons Trading", "domain": "harbour.example.com",
     "users": ["Maren Harbour", "Otis Quill", "Priya Nair"],
     "pools": [("Shop traffic", 8, 30), ("Nightly batches", 2, None)]},
    {"name": "Zweite Hand Öko GmbH", "domain": "zweitehand.example.com",
     "users": ["Jürgen Weiß", "Łucja Zając"],
     "pools": [("Standard", 4, 60)]},
]

KINDS = ["Accounting", "CRM", "eCommerce", "ERP", "Marketplaces", "Other",
         "PIM", "POS", "3PL", "WMS", "Database", "File transfer"]

TYPES = [
    ("none", "No authentication"),
    ("basic", "Basic"),
    ("digest", "Digest"),
    ("ntlm", "NTLM"),
    ("token", "Token"),
    ("oauth1", "OAuth 1"),
    ("oauth2_client_credentials", "OAuth 2 (client credentials)"),
    ("oauth2_password", "OAuth 2 (password)"),
    ("oauth2_authorization_code", "OAuth 2 (authorisation code)"),
    ("soap", "SOAP"),
    ("aws_sigv4", "AWS signature v4"),
    ("ftp", "FTP"),
    ("sftp_password", "SFTP (password)"),
    ("sftp_key", "SFTP (key)"),
    ("database", "Database"),
]

ENTITIES = ["Orders", "Products", "Customers", "Stock", "Invoices",
            "Shipments", "Files", "Rates"]

SHOWN = "configurable required"
SECRET = "secret configurable required"
LOCKED = "locked configurable required"
LOGIN = [("username", "User name", None, LOCKED),
         ("password", "Password", None, "secret " + LOCKED)]
CLIENT = [("client_id", "Client id", None, LOCKED),
          ("client_secret", "Client secret", None, "secret " + LOCKED)]


def server(port):
    return [("host", "Host", None, SHOWN), ("port", "Port", port, SHOWN),
            ("root", "Folder", "/", "configurable"),
            ("username", "User name", None, LOCKED)]


SERVER = server("22")
TARGET = [("host", "Host", "127.0.0.1", SHOWN),
          ("port", "Port", None, SHOWN)]
PLAYGROUND = "http://{{host}}:{{port}}/demo/"


def play(name, kind, path, variables=(), **more):
    """An implementation of the Playground, which ./dev itself serves."""
    return {"name": name, "type": kind, "test_url": PLAYGROUND + path,
            "variables": TARGET + list(variables), **more}


SYSTEMS = [
    {"name": "Playground", "label": "Playground of this stack",
     "kind": "Other", "colour": "green", "rate": (100, "second"),
     "versions": ["2025"],
     "endpoints": [
         ("Ask whether it is there", "Rates", "GET", "/demo/open")],
     "implementations": [
         play("Open door", "none", "open"),
         play("Basic", "basic", "basic", LOGIN),
         play("Token", "token", "token",
              [("token", "Token", None, "secret " + LOCKED)]),
         play("Client credentials", "oauth2_client_credentials", "token",
              CLIENT, url=PLAYGROUND + "oauth/token", method="POST"),
         {"name": "SOAP", "type": "soap", "url": PLAYGROUND + "soap",
          "method": "POST", "body_format": "xml",
          "headers": {"SOAPAction": "Ping"},
          "body": "<Envelope><Body><Ping>{{company}}</Ping></Body></Envelope>",
          "variables": TARGET + [("company", "Company", None, SHOWN)]},
         {"name": "SOAP that faults", "type": "soap",
          "url": PLAYGROUND + "soap-fault", "method": "POST",
          "body_format": "xml", "body": "<Envelope/>", "variables": TARGET},
         play("Broken", "none", "broken"),
         play("Slow", "none", "slow"),
         play("Moved", "none", "away"),
         play("Gone", "none", "nothing-here"),
     ]},
    {"name": "Tideline Shop", "label": "Tideline", "kind": "eCommerce",
     "colour": "blue", "rate": (4, "second"), "versions": ["1.0", "2.0"],
     "endpoints": [
         ("List orders", "Orders", "GET", "/admin/v2/orders.json", "json",
          "Link Header"),
         ("List products", "Products", "GET", "/admin/v2/products.json",
          "json", "Link Header"),
         ("Set stock", "Stock", "POST", "/admin/v2/stock.json"),
         ("Old orders", "Orders", "GET", "/admin/v1/orders.json", "json",
          "Page number parameter", "2024-06-30T00:00:00.000000Z")],
     "implementations": [
         {"name": "Private app", "type": "token",
          "headers": {"X-Tideline-Token": "{{token}}"},
          "test_url": "https://{{shop}}.tideline.example.com/admin/v2/shop",
          "variables": [("shop", "Shop name", None, SHOWN),
                        ("token", "Access token", None,
                         "secret " + LOCKED)]},
         {"name": "Public app", "type": "oauth2_authorization_code",
          "url": "https://{{shop}}.tideline.example.com/oauth/token",
          "authorize": "https://{{shop}}.tideline.example.com/oauth/grant",
          "method": "POST", "body_format": "form",
          "test_url": "https://{{shop}}.tideline.example.com/admin/v2/shop",
          "variables": [("shop", "Shop name", None, SHOWN)] + CLIENT + [
              ("refresh_token", "Refresh token", None,
               "secret locked required")]},
     ]},
    {"name": "Millstone ERP", "label": "Millstone", "kind": "ERP",
     "colour": "purple", "rate": (10, "second"),
     "versions": ["2023.1", "2024.1", "2025.1"], "date_format": "m/d/Y",
     "endpoints": [
         ("Search orders", "Orders", "POST", "/rest/query/orders"),
         ("List customers", "Customers", "GET", "/rest/customers", "json",
          "Limit offset"),
         ("Create invoice", "Invoices", "POST", "/rest/invoices")],
     "implementations": [
         {"name": "Signed requests", "type": "oauth1",
          "test_url": "https://{{account}}.millstone.example.com/rest/ping",
          "variables": [
              ("account", "Account id", None, SHOWN),
              ("consumer_key", "Consumer key", None, LOCKED),
              ("consumer_secret", "Consumer secret", None,
               "secret " + LOCKED),
              ("token", "Token id", None, LOCKED),
              ("token_secret", "Token secret", None, "secret " + LOCKED),
              ("realm", "Realm", None, "configurable"),
              ("signature_method", "Signature method", "HMAC-SHA256",
               "required")]},
     ]},
    {"name": "Packhorse WMS", "label": "Packhorse", "kind": "WMS",
     "colour": "orange", "rate": (120, "minute"),
     "endpoints": [
         ("List stock", "Stock", "GET", "/api/stock.xml", "xml"),
         ("Send order", "Orders", "PUT", "/api/order.xml", "xml")],
     "implementations": [
         {"name": "Account", "type": "basic",
          "test_url": "https://packhorse.example.com/api/{{site}}/status",
          "variables": LOGIN + [("site", "Site", "main", "configurable")]},
     ]},
    {"name": "Tallybook", "label": "Tallybook Online", "kind": "Accounting",
     "colour": "cyan", "rate": (60, "minute"),
     "endpoints": [
         ("List invoices", "Invoices", "GET", "/v3/invoices", "json",
          "Page number parameter"),
         ("Create invoice", "Invoices", "POST", "/v3/invoices")],
     "implementations": [
         {"name": "Sign in", "type": "oauth2_authorization_code",
          "url": "https://login.tallybook.example.com/token",
          "authorize": "https://login.tallybook.example.com/authorize",
          "method": "POST", "body_format": "form",
          "test_url": "https://api.tallybook.example.com/v3/me",
          "variables": CLIENT + [("refresh_token", "Refresh token", None,
                                  "secret locked required")]},
     ]},
    {"name": "Rolodeck", "label": "Rolodeck CRM", "kind": "CRM",
     "colour": "pink", "rate": (1000, "day"),
     "endpoints": [
         ("List contacts", "Customers", "GET", "/contacts", "json",
          "Next page token")],
     "implementations": [
         {"name": "User and password", "type": "oauth2_password",
          "url": "https://rolodeck.example.com/oauth/token",
          "method": "POST", "body_format": "form",
          "test_url": "https://rolodeck.example.com/api/me",
          "variables": CLIENT + LOGIN},
     ]},
    {"name": "Bazaar Harbour", "label": "Bazaar Harbour",
     "kind": "Marketplaces", "colour": "yellow", "rate": (1, "second"),
     "endpoints": [
         ("List orders", "Orders", "GET", "/orders/v0", "json",
          "Next page token"),
         ("Confirm shipment", "Shipments", "POST", "/shipments/v1")],
     "implementations": [
         {"name": "Seller", "type": "aws_sigv4",
          "test_url": "https://seller.bazaar.example.com/sellers/v1/account",
          "variables": [
              ("access_key_id", "Access key id", None, LOCKED),
              ("secret_access_key", "Secret access key", None,
               "secret " + LOCKED),
              ("region", "Region", "eu-west-1", SHOWN),
              ("service", "Service", "execute-api", "required")]},
     ]},
    {"name": "Brass Till", "label": "Brass Till POS", "kind": "POS",
     "colour": "red", "rate": (30, "minute"),
     "endpoints": [("List receipts", "Orders", "GET", "/receipts")],
     "implementations": [
         {"name": "Till account", "type": "digest",
          "test_url": "https://{{store}}.brasstill.example.com/status",
          "variables": LOGIN + [("store", "Store", None, SHOWN)]},
     ]},
    {"name": "Facet", "label": "Facet PIM", "kind": "PIM",
     "colour": "blue_inverted", "rate": (50, "second"),
     "endpoints": [
         ("List products", "Products", "GET", "/v1/products", "json",
          "Next Page URL"),
         ("Update product", "Products", "PATCH", "/v1/products/{{id}}")],
     "implementations": [
         {"name": "Machine account", "type": "oauth2_client_credentials",
          "url": "https://id.facet.example.com/token", "method": "POST",
          "body_format": "form", "token_path": "data.token",
          "test_url": "https://api.facet.example.com/v1/me",
          "variables": CLIENT + [("scope", "Scope", "read write",
                                  "advanced")]},
     ]},
    {"name": "Longhaul", "label": "Longhaul 3PL", "kind": "3PL",
     "colour": "gray", "rate": (5, "second"),
     "endpoints": [
         ("Book shipment", "Shipments", "POST", "/Service.asmx", "xml")],
     "implementations": [
         {"name": "SOAP service", "type": "soap",
          "url": "https://ws.longhaul.example.com/Service.asmx",
          "method": "POST", "body_format": "xml",
          "headers": {"SOAPAction": "Login"},
          "body": "<Login><User>{{username}}</User>"
                  "<Key>{{password}}</Key></Login>",
          "variables": LOGIN},
     ]},
    {"name": "Open Rates", "label": "Open exchange rates", "kind": "Other",
     "colour": "green_inverted", "rate": (1, "hour"),
     "endpoints": [("Daily rates", "Rates", "GET", "/daily.csv", "csv")],
     "implementations": [
         {"name": "Public", "type": "none",
          "test_url": "https://rates.example.com/daily.csv"},
     ]},
    {"name": "Intranet Directory", "label": "Directory", "kind": "Other",
     "colour": "gray_inverted", "rate": (20, "second"),
     "endpoints": [("List people", "Customers", "GET", "/people")],
     "implementations": [
         {"name": "Domain account", "type": "ntlm",
          "test_url": "https://{{host}}/people?limit=1",
          "variables": LOGIN + [("host", "Host", None, SHOWN)]},
     ]},
    {"name": "SFTP Server", "label": "Any SFTP server",
     "kind": "File transfer", "colour": "purple_inverted",
     "protocol": "SFTP", "rate": (2, "second"),
     "endpoints": [
         ("Fetch files", "Files", "GET", "/outbox/*.csv", "csv"),
         ("Send file", "Files", "PUT", "/inbox/{{name}}", "txt")],
     "implementations": [
         {"name": "Password", "type": "sftp_password",
          "variables": SERVER + [("password", "Password", None,
                                  "secret " + LOCKED)]},
         {"name": "Key", "type": "sftp_key",
          "variables": SERVER + [
              ("private_key", "Private key", None, "secret " + LOCKED),
              ("passphrase", "Passphrase", None, "secret configurable")]},
     ]},
    {"name": "FTP Server", "label": "Any FTP server",
     "kind": "File transfer", "colour": "orange_inverted",
     "protocol": "FTPS", "rate": (2, "second"),
     "endpoints": [("Fetch files", "Files", "GET", "/out/*.txt", "txt")],
     "implementations": [
         {"name": "Password", "type": "ftp",
          "variables": server("21") + [("password", "Password", None,
                                  "secret " + LOCKED)]},
     ]},
    {"name": "Object Store", "label": "Any bucket", "kind": "File transfer",
     "colour": "red_inverted", "protocol": "S3", "rate": (100, "second"),
     "endpoints": [("Fetch objects", "Files", "GET", "/{{bucket}}", "xml")],
     "implementations": [
         {"name": "Access key", "type": "aws_sigv4",
          "test_url": "https://{{bucket}}.objects.example.com/?max-keys=1",
          "variables": [
              ("bucket", "Bucket", None, SHOWN),
              ("access_key_id", "Access key id", None, LOCKED),
              ("secret_access_key", "Secret access key", None,
               "secret " + LOCKED),
              ("region", "Region", "eu-west-1", SHOWN),
              ("service", "Service", "s3", "required")]},
     ]},
    {"name": "MySQL Database", "label": "Any MySQL database",
     "kind": "Database", "colour": "cyan_inverted", "protocol": "MySQL",
     "rate": (100, "second"),
     "endpoints": [
         ("Changed rows", "Orders", "GET", "SELECT * FROM {{table}}",
          "json", "Database limit offset")],
     "implementations": [
         {"name": "Account", "type": "database",
          "variables": [("host", "Host", None, SHOWN),
                        ("port", "Port", "3306", SHOWN),
                        ("database", "Database", None, SHOWN)] + LOGIN},
     ]},
    {"name": "Warehouse Ledger", "label": "A PostgreSQL of our own",
     "kind": "Database", "colour": "pink_inverted", "protocol": "PGSQL",
     "rate": (100, "second"), "company": 2,
     "implementations": [
         {"name": "Account", "type": "database",
          "variables": [("host", "Host", None, SHOWN),
                        ("port", "Port", "5432", SHOWN),
                        ("database", "Database", None, SHOWN)] + LOGIN},
     ]},
]
