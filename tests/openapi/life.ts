// A connector's whole life through a client that is made from the document:
// openapi-typescript gives the types, openapi-fetch sends. It does not compile
// when the document lacks what is used here.
import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

declare const process: { env: Record<string, string | undefined> };

type Connector = components["schemas"]["connector"];

const environment = (name: string): string => {
	const value = process.env[name];
	if (value === undefined) throw new Error(`${name} is not set`);
	return value;
};

const equal = (is: unknown, wanted: unknown, what: string): void => {
	const [a, b] = [JSON.stringify(is), JSON.stringify(wanted)];
	if (a !== b) throw new Error(`${what}: ${a} instead of ${b}`);
};

const client = createClient<paths>({
	baseUrl: environment("CONNECTORS_BASE_URL"),
	headers: { Authorization: `Bearer ${environment("CONNECTORS_KEY")}` },
});
const PATH = "/api/v1/connectors/{connector}";
const implementation = Number(environment("IMPLEMENTATION"));
const system = environment("SYSTEM");

// The answer of a request that has to succeed.
function good<T>(answer: { data?: T; error?: unknown; response: Response }): T {
	if (answer.data === undefined)
		throw new Error(
			`${answer.response.status} ${JSON.stringify(answer.error)}`,
		);
	return answer.data;
}

async function store(): Promise<Connector> {
	const request = () =>
		client.POST("/api/v1/connectors", {
			params: {
				header: { "Idempotency-Key": environment("ONCE") },
				query: { "include[]": ["authenticationImplementation.system"] },
			},
			body: {
				name: "By a client",
				authentication_implementation_id: implementation,
				timezone: "Europe/Paris",
				date_format: "Y-m-d",
				rate_limit_unit: "minute",
				rate_limit_duration: 60,
				variables: [
					{ key: "token", label: "Token", value: "hush", secret: true },
				],
			},
		});
	const first = await request();
	const made = good(first).data;
	equal(made.variables?.map((row) => row.value), ["********"], "the mask");
	equal(
		made.authentication_implementation?.system?.name, system,
		"what is included",
	);
	equal(
		first.response.headers.get("Content-Location"),
		`/api/v1/connectors/${made.id}`, "where it is",
	);
	const again = await request();
	equal(good(again).data.id, made.id, "the same again");
	equal(
		again.response.headers.get("Idempotency-Replayed"), "true", "replayed",
	);
	return made;
}

async function list(made: Connector): Promise<void> {
	const page = good(
		await client.GET("/api/v1/connectors", {
			params: {
				query: {
					"include[]": [
						"variables", "variables_count", "certificateExists",
						"authenticationImplementation.system",
					],
					"filter[canonical_key]": made.canonical_key!,
					"filter[system]": system,
					"fields[connectors][]": ["name", "timezone"],
					sort: "-name",
					per_page: 5,
				},
			},
		}),
	);
	equal(page.meta.total, 1, "how many there are");
	const [row] = page.data;
	equal(
		[row?.id, row?.name, row?.timezone, row?.date_format],
		[made.id, "By a client", "Europe/Paris", undefined], "the row",
	);
	equal(
		[row?.variables?.length, row?.variables_count, row?.certificate_exists],
		[1, 1, false], "what all includes say",
	);
	equal(
		row?.authentication_implementation?.system?.name, system, "the last one",
	);
	equal(page.links.next, null, "there is no more");
}

async function update(id: string): Promise<void> {
	const shown = await client.GET(PATH, { params: { path: { connector: id } } });
	const tag = shown.response.headers.get("ETag")!;
	equal(good(shown).data.name, "By a client", "what show says");
	const same = await client.GET(PATH, {
		params: { path: { connector: id }, header: { "If-None-Match": tag } },
	});
	equal(same.response.status, 304, "nothing new");
	const change = (name: string) =>
		client.PATCH(PATH, {
			params: { path: { connector: id }, header: { "If-Match": tag } },
			body: { name },
		});
	equal(good(await change("Renamed")).data.name, "Renamed", "the new name");
	const late = await change("Too late");
	equal(late.response.status, 412, "who comes late");
	equal(typeof late.error?.message, "string", "is told why");
}

async function test(id: string): Promise<void> {
	const passed = await client.POST("/api/v1/connectors/{connector}/test", {
		params: {
			path: { connector: id },
			header: { Prefer: "return=representation" },
		},
	});
	equal(good(passed).data.ok, true, "the test");
	equal(good(passed).data.steps[0]?.step, "configuration", "its first step");
	const tests = await client.GET("/api/v1/connectors/{connector}/tests", {
		params: { path: { connector: id } },
	});
	equal(good(tests).data[0]?.ok, true, "that it is kept");
}

async function invalid(): Promise<void> {
	const answer = await client.PUT(PATH, {
		params: { path: { connector: "0" } },
		body: { rate_limit_duration: 1 },
	});
	equal(answer.response.status, 404, "a connector that is not there");
	const bad = await client.GET("/api/v1/connectors", {
		params: { query: { page: 0 } },
	});
	equal(bad.response.status, 422, "a page that is not there");
	if (bad.error && "errors" in bad.error)
		equal(Object.keys(bad.error.errors ?? {}), ["page"], "the field");
	else throw new Error("a 422 without errors");
}

const made = await store();
await list(made);
await update(String(made.id));
await test(String(made.id));
await invalid();
const gone = await client.DELETE(PATH, {
	params: { path: { connector: String(made.id) } },
});
equal(good(gone).message, "Connector deleted.", "the end");
const after = await client.GET(PATH, {
	params: { path: { connector: made.canonical_key! } },
});
equal(after.response.status, 404, "afterwards");
console.log("lived");
