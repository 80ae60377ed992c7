-- What wrk asks: wrk -s requests.lua URL -- KIND PREFIX QUERY FILE COMPANIES EACH
--
--   show     a random connector of a random company
--   target   a random line of FILE: id, key, entity tag (sent if not "-")
--   list     PREFIX?QUERY with the key of a random company
--   big      the same with the key of the one large company
--   store    a POST of FILE with the key of a random company
--   fixed    PREFIX, without a key
local kind, prefix, query, companies, each, body
local targets, requests = {}, {}

local function key(company)
  return string.format("cak_%040d", company)
end

local function headers(company)
  return { ["Authorization"] = "Bearer " .. key(company),
           ["Accept"] = "application/json" }
end

local function read_targets(path)
  for line in io.lines(path) do
    local id, key, etag = line:match("^(%S+) (%S+) (%S+)$")
    local h = { ["Authorization"] = "Bearer " .. key,
                ["Accept"] = "application/json" }
    if etag ~= "-" then h["If-None-Match"] = etag end
    targets[#targets + 1] = wrk.format("GET", prefix .. "/" .. id, h)
  end
end

local threads = 0
function setup(thread)
  threads = threads + 1
  thread:set("seed", threads)
end

function init(args)
  kind, prefix, query = args[1], args[2], args[3]
  companies, each = tonumber(args[5]), tonumber(args[6])
  math.randomseed(seed * 7919 + tonumber(args[7]))
  if kind == "target" then read_targets(args[4]) end
  if kind == "store" then
    local f = assert(io.open(args[4]))
    body = f:read("*a")
    f:close()
  end
  for company = 1, companies + 1 do
    local h = headers(company)
    if kind == "store" then
      h["Content-Type"] = "application/json"
      requests[company] = wrk.format("POST", prefix, h, body)
    else
      requests[company] = wrk.format("GET", prefix .. "?" .. query, h)
    end
  end
end

function request()
  if kind == "fixed" then return wrk.format("GET", prefix) end
  if kind == "target" then return targets[math.random(#targets)] end
  if kind == "big" then return requests[companies + 1] end
  local company = math.random(companies)
  if kind == "show" then
    local id = math.random(0, each - 1) * companies + company
    return wrk.format("GET", prefix .. "/" .. id, headers(company))
  end
  return requests[company]
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format('RESULT {"requests":%d,"us":%d,"p50":%.0f,' ..
    '"p99":%.0f,"max":%.0f,"status":%d,"socket":%d,"bytes":%d}\n',
    summary.requests, summary.duration, latency:percentile(50),
    latency:percentile(99), latency.max, e.status,
    e.connect + e.read + e.write + e.timeout, summary.bytes))
end
