<?php
// What one would write by hand in PHP: php-fpm, PDO, one connection kept.
declare(strict_types=1);

$db = new PDO('mysql:unix_socket=' . getenv('BENCH_SOCKET') . ';dbname=' .
    getenv('BENCH_DATABASE') . ';charset=utf8mb4', getenv('BENCH_USER'),
    getenv('BENCH_PASSWORD'), [PDO::ATTR_PERSISTENT => true,
    PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION,
    PDO::ATTR_EMULATE_PREPARES => true, PDO::ATTR_STRINGIFY_FETCHES => false,
    PDO::ATTR_DEFAULT_FETCH_MODE => PDO::FETCH_ASSOC]);

const CONNECTOR = 'c.id,c.name,c.type,c.authentication_implementation_id,
    c.timezone,c.date_format,c.rate_limit_unit,c.rate_limit_duration,
    c.connection_pool_id,c.certificate_id,c.session_id,(SELECT a.`key` FROM
    platform_apps a WHERE a.id=c.platform_app_id) platform_app_key,
    c.canonical_key,c.created_at,c.updated_at';

function rows(string $sql, array $params): array
{
    global $db;
    $statement = $db->prepare($sql);
    $statement->execute($params);
    return $statement->fetchAll();
}

function answer(int $status, array $body): never
{
    http_response_code($status);
    header('Content-Type: application/json');
    echo json_encode($body, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE);
    exit;
}

function times(array $row): array
{
    foreach (['created_at', 'updated_at'] as $name)
        $row[$name] = str_replace(' ', 'T', $row[$name]) . 'Z';
    return $row;
}

function marks(array $values): string
{
    return '(' . implode(',', array_fill(0, count($values), '?')) . ')';
}

function variables(array $ids): array
{
    $by = [];
    foreach (rows("SELECT v.id,v.`key`,v.label,IF(v.secret,IF(v.value_sealed
        IS NULL,NULL,'********'),v.value) value,v.secret,v.locked,v.created_at,
        v.updated_at,l.model_type,l.model_id,l.variable_id,l.alias,
        l.configurable,l.required,l.advanced FROM model_variables l JOIN
        variables v ON v.id=l.variable_id WHERE l.model_type='connector' AND
        l.model_id IN " . marks($ids) . ' ORDER BY l.model_id,v.id', $ids) as $r) {
        $pivot = ['model_type' => $r['model_type'],
            'model_id' => $r['model_id'], 'variable_id' => $r['variable_id'],
            'alias' => $r['alias'], 'configurable' => (bool)$r['configurable'],
            'required' => (bool)$r['required'],
            'advanced' => (bool)$r['advanced']];
        $by[$r['model_id']][] = times(['id' => $r['id'], 'key' => $r['key'],
            'label' => $r['label'], 'value' => $r['value'],
            'secret' => (bool)$r['secret'], 'locked' => (bool)$r['locked'],
            'created_at' => $r['created_at'],
            'updated_at' => $r['updated_at'], 'pivot' => $pivot]);
    }
    return $by;
}

function find(string $columns, string $table, array $ids): array
{
    $by = [];
    $ids = array_values(array_unique($ids));
    foreach (rows("SELECT $columns FROM $table WHERE id IN " . marks($ids), $ids) as $r)
        $by[$r['id']] = times($r);
    return $by;
}

$key = preg_replace('/^Bearer /', '', $_SERVER['HTTP_AUTHORIZATION'] ?? '');
$found = rows('SELECT company_id,id FROM api_keys WHERE key_hash=? AND
    revoked_at IS NULL AND (expires_at IS NULL OR expires_at>UTC_TIMESTAMP(6))',
    [hash('sha256', $key)]);
if (!$found)
    answer(401, ['message' => 'Unauthenticated.']);
$company = $found[0]['company_id'];
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);

if (preg_match('#^/php/connectors/(\d+)$#', $path, $match)) {
    $found = rows('SELECT ' . CONNECTOR . ' FROM connectors c WHERE c.id=? AND
        c.company_id=?', [(int)$match[1], $company]);
    if (!$found)
        answer(404, ['message' => 'Not found.']);
    answer(200, ['data' => times($found[0])]);
}

if ($_SERVER['REQUEST_METHOD'] === 'GET') {
    $page = max(1, (int)($_GET['page'] ?? 1));
    $total = rows('SELECT COUNT(*) n FROM connectors WHERE company_id=?', [$company])[0]['n'];
    $rows = rows('SELECT ' . CONNECTOR . ' FROM connectors c WHERE
        c.company_id=? ORDER BY c.id LIMIT 15 OFFSET ' . ($page - 1) * 15, [$company]);
    $rows = array_map('times', $rows);
    $by = variables(array_column($rows, 'id'));
    $implementations = find('*', 'authentication_implementations',
        array_column($rows, 'authentication_implementation_id'));
    $systems = find('id,name,label,colour,system_template_id,version,
        version_name,system_type_id,protocol,date_format,help_link,
        rate_limit_unit,rate_limit_duration,created_at,updated_at', 'systems',
        array_column($implementations, 'system_id'));
    foreach ($implementations as &$i) {
        $i['headers'] = json_decode($i['headers']);
        $i['query'] = json_decode($i['query']);
        $i['system'] = $systems[$i['system_id']];
    }
    unset($i);
    foreach ($rows as &$r) {
        $r['variables'] = $by[$r['id']] ?? [];
        $r['authentication_implementation'] =
            $implementations[$r['authentication_implementation_id']];
    }
    unset($r);
    answer(200, ['data' => $rows, 'meta' => ['current_page' => $page,
        'last_page' => (int)ceil($total / 15), 'per_page' => 15,
        'total' => $total]]);
}

$body = json_decode(file_get_contents('php://input'), true);
$db->beginTransaction();
rows('INSERT INTO connectors(company_id,canonical_key,name,
    authentication_implementation_id,timezone,date_format,rate_limit_unit,
    rate_limit_duration,created_at,updated_at) VALUES(?,?,?,?,?,?,?,?,
    UTC_TIMESTAMP(6),UTC_TIMESTAMP(6))', [$company, bin2hex(random_bytes(18)),
    $body['name'], (int)$body['authentication_implementation_id'],
    $body['timezone'], $body['date_format'], $body['rate_limit_unit'],
    $body['rate_limit_duration']]);
$id = (int)$db->lastInsertId();
foreach ($body['variables'] as $v) {
    rows('INSERT INTO variables(company_id,`key`,label,value,value_sealed,
        secret,locked,created_at,updated_at) VALUES(?,?,?,?,?,?,?,
        UTC_TIMESTAMP(6),UTC_TIMESTAMP(6))', [$company, $v['key'], $v['label'],
        $v['secret'] ? null : $v['value'],
        $v['secret'] ? random_bytes(123) : null, (int)$v['secret'],
        (int)$v['locked']]);
    rows("INSERT INTO model_variables(variable_id,model_type,model_id,alias,
        configurable,required,advanced,created_at,updated_at) VALUES(?,
        'connector',?,?,?,?,?,UTC_TIMESTAMP(6),UTC_TIMESTAMP(6))",
        [(int)$db->lastInsertId(), $id, $v['pivot']['alias'],
        (int)$v['pivot']['configurable'], (int)$v['pivot']['required'],
        (int)$v['pivot']['advanced']]);
}
$token = bin2hex(random_bytes(16));
rows("INSERT INTO audit_events(company_id,api_key_id,action,connector_id,
    connector_name,changed,request_id,token,created_at) VALUES(?,?,'store',?,?,
    ?,?,?,UTC_TIMESTAMP(6))", [$company, $found[0]['id'], $id, $body['name'],
    json_encode(array_keys($body)), $token, $token]);
rows('UPDATE data_versions SET version=version+1 WHERE company_id=?', [$company]);
$db->commit();
$row = times(rows('SELECT ' . CONNECTOR . ' FROM connectors c WHERE c.id=?', [$id])[0]);
$row['variables'] = variables([$id])[$id];
answer(200, ['data' => $row]);
