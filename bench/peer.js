// What one would write by hand in Node: Fastify, mysql2, prepared statements.
//   node peer.js SOCKET WORKERS
const cluster = require('cluster'), crypto = require('crypto'), fs = require('fs');
const [socket, workers] = [process.argv[2], Number(process.argv[3])];

if (cluster.isPrimary) {
  fs.rmSync(socket, { force: true });
  for (let i = 0; i < workers; i++) cluster.fork();
  process.on('SIGTERM', () => {
    for (const id in cluster.workers) cluster.workers[id].kill();
    process.exit(0);
  });
} else {
  serve();
}

function serve() {
  const app = require('fastify')({ logger: false });
  const pool = require('mysql2/promise').createPool({
    socketPath: process.env.BENCH_SOCKET, user: process.env.BENCH_USER,
    password: process.env.BENCH_PASSWORD, database: process.env.BENCH_DATABASE,
    connectionLimit: 4, dateStrings: true, charset: 'utf8mb4' });
  const rows = async (sql, params, on = pool) => (await on.execute(sql, params))[0];
  const marks = (ids) => `(${ids.map(() => '?').join()})`;
  const moment = (text) =>
    text.replace(' ', 'T') + (text.includes('.') ? 'Z' : '.000000Z');
  const times = (r) => {
    r.created_at = moment(r.created_at);
    r.updated_at = moment(r.updated_at);
    if (r.canonical_key) r.canonical_key = String(r.canonical_key); // bytes
    return r;
  };
  const CONNECTOR = 'c.id,c.name,c.type,c.authentication_implementation_id,' +
    'c.timezone,c.date_format,c.rate_limit_unit,c.rate_limit_duration,' +
    'c.connection_pool_id,c.certificate_id,c.session_id,(SELECT a.`key` FROM ' +
    'platform_apps a WHERE a.id=c.platform_app_id) platform_app_key,' +
    'c.canonical_key,c.created_at,c.updated_at';

  app.addHook('preHandler', async (request, reply) => {
    const key = (request.headers.authorization || '').replace(/^Bearer /, '');
    const found = await rows('SELECT company_id,id FROM api_keys WHERE key_hash=? ' +
      'AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at>UTC_TIMESTAMP(6))',
      [crypto.createHash('sha256').update(key).digest('hex')]);
    if (!found.length) return reply.code(401).send({ message: 'Unauthenticated.' });
    request.company = found[0].company_id;
    request.keyId = found[0].id;
  });

  async function variables(ids) {
    const by = new Map();
    for (const r of await rows("SELECT v.id,v.`key`,v.label,IF(v.secret," +
        "IF(v.value_sealed IS NULL,NULL,'********'),v.value) value,v.secret," +
        'v.locked,v.created_at,v.updated_at,l.model_type,l.model_id,' +
        'l.variable_id,l.alias,l.configurable,l.required,l.advanced FROM ' +
        'model_variables l JOIN variables v ON v.id=l.variable_id WHERE ' +
        `l.model_type='connector' AND l.model_id IN ${marks(ids)} ` +
        'ORDER BY l.model_id,v.id', ids)) {
      if (!by.has(r.model_id)) by.set(r.model_id, []);
      by.get(r.model_id).push({ id: r.id, key: r.key, label: r.label,
        value: r.value, secret: !!r.secret, locked: !!r.locked,
        created_at: moment(r.created_at), updated_at: moment(r.updated_at),
        pivot: { model_type: r.model_type, model_id: r.model_id,
          variable_id: r.variable_id, alias: r.alias,
          configurable: !!r.configurable, required: !!r.required,
          advanced: !!r.advanced } });
    }
    return by;
  }

  async function find(columns, table, ids) {
    ids = [...new Set(ids)];
    const found = await rows(`SELECT ${columns} FROM ${table} WHERE id IN ${marks(ids)}`, ids);
    return new Map(found.map((r) => [r.id, times(r)]));
  }

  app.get('/node/connectors/:id', async (request, reply) => {
    const found = await rows(`SELECT ${CONNECTOR} FROM connectors c WHERE c.id=? ` +
      'AND c.company_id=?', [Number(request.params.id), request.company]);
    if (!found.length) return reply.code(404).send({ message: 'Not found.' });
    return { data: times(found[0]) };
  });

  app.get('/node/connectors', async (request) => {
    const page = Math.max(1, Number(request.query.page || 1));
    const total = (await rows('SELECT COUNT(*) n FROM connectors WHERE company_id=?',
      [request.company]))[0].n;
    const data = (await rows(`SELECT ${CONNECTOR} FROM connectors c WHERE ` +
      `c.company_id=? ORDER BY c.id LIMIT 15 OFFSET ${(page - 1) * 15}`,
      [request.company])).map(times);
    const by = await variables(data.map((r) => r.id));
    const implementations = await find('*', 'authentication_implementations',
      data.map((r) => r.authentication_implementation_id));
    const systems = await find('id,name,label,colour,system_template_id,version,' +
      'version_name,system_type_id,protocol,date_format,help_link,' +
      'rate_limit_unit,rate_limit_duration,created_at,updated_at', 'systems',
      [...implementations.values()].map((i) => i.system_id));
    for (const i of implementations.values()) {
      i.headers = JSON.parse(i.headers);
      i.query = JSON.parse(i.query);
      i.system = systems.get(i.system_id);
    }
    for (const r of data) {
      r.variables = by.get(r.id) || [];
      r.authentication_implementation =
        implementations.get(r.authentication_implementation_id);
    }
    return { data, meta: { current_page: page, last_page: Math.ceil(total / 15),
      per_page: 15, total } };
  });

  async function store(db, company, keyId, body) {
    const id = (await rows('INSERT INTO connectors(company_id,canonical_key,name,' +
      'authentication_implementation_id,timezone,date_format,rate_limit_unit,' +
      'rate_limit_duration,created_at,updated_at) VALUES(?,?,?,?,?,?,?,?,' +
      'UTC_TIMESTAMP(6),UTC_TIMESTAMP(6))', [company, crypto.randomUUID(), body.name,
      Number(body.authentication_implementation_id), body.timezone, body.date_format,
      body.rate_limit_unit, body.rate_limit_duration], db)).insertId;
    for (const v of body.variables) {
      const variable = (await rows('INSERT INTO variables(company_id,`key`,label,' +
        'value,value_sealed,secret,locked,created_at,updated_at) VALUES(?,?,?,?,?,?,?,' +
        'UTC_TIMESTAMP(6),UTC_TIMESTAMP(6))', [company, v.key, v.label,
        v.secret ? null : v.value, v.secret ? crypto.randomBytes(123) : null,
        Number(v.secret), Number(v.locked)], db)).insertId;
      await rows('INSERT INTO model_variables(variable_id,model_type,model_id,alias,' +
        "configurable,required,advanced,created_at,updated_at) VALUES(?,'connector'," +
        '?,?,?,?,?,UTC_TIMESTAMP(6),UTC_TIMESTAMP(6))', [variable, id, v.pivot.alias,
        Number(v.pivot.configurable), Number(v.pivot.required),
        Number(v.pivot.advanced)], db);
    }
    const token = crypto.randomBytes(16).toString('hex');
    await rows('INSERT INTO audit_events(company_id,api_key_id,action,connector_id,' +
      "connector_name,changed,request_id,token,created_at) VALUES(?,?,'store',?,?,?,?,?," +
      'UTC_TIMESTAMP(6))', [company, keyId, id, body.name,
      JSON.stringify(Object.keys(body)), token, token], db);
    await rows('UPDATE data_versions SET version=version+1 WHERE company_id=?',
      [company], db);
    return id;
  }

  app.post('/node/connectors', async (request) => {
    const db = await pool.getConnection();
    let id;
    try {
      await db.beginTransaction();
      id = await store(db, request.company, request.keyId, request.body);
      await db.commit();
    } catch (error) {
      await db.rollback();
      throw error;
    } finally {
      db.release();
    }
    const row = times((await rows(`SELECT ${CONNECTOR} FROM connectors c WHERE c.id=?`,
      [id]))[0]);
    row.variables = (await variables([id])).get(id);
    return { data: row };
  });

  app.listen({ path: socket }).then(() => fs.chmodSync(socket, 0o666));
}
