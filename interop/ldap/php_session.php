<?php
// One session of PHP's ldap extension with every control it knows, told as JSON on standard output.
// Arguments: URI, administrator's DN, password, a DN below which it works and of which nothing is left.
[, $uri, $admin, $password, $base] = $argv;
$told = [];
$ldap = ldap_connect($uri);
ldap_set_option($ldap, LDAP_OPT_PROTOCOL_VERSION, 3);

function asked(string $oid, mixed $value = null): array
{
    return ['oid' => $oid, 'iscritical' => true] + ($value === null ? [] : ['value' => $value]);
}

function outcome($result): array
{
    global $ldap;
    ldap_parse_result($ldap, $result, $code, $matched, $message, $referrals, $controls);
    return [$code, array_map(fn ($control) => $control['value'] ?? null, $controls ?? [])];
}

function search(array $controls, array $attributes = ['uid']): array
{
    global $ldap, $base;
    $result = ldap_search($ldap, $base, '(uid=*)', $attributes, 0, 0, 0, 0, $controls);
    $entries = ldap_get_entries($ldap, $result);
    unset($entries['count']);
    return [array_map(fn ($entry) => $entry['uid'][0] ?? '', $entries), ...outcome($result)];
}

$result = ldap_bind_ext($ldap, $admin, $password, [asked(LDAP_CONTROL_PASSWORDPOLICYREQUEST)]);
$told['bind'] = outcome($result);
$told['whoami'] = ldap_exop_whoami($ldap);
ldap_add($ldap, $base, ['objectClass' => 'organizationalUnit']);
foreach (['an' => 'Nguyễn', 'binh' => 'Trần', 'chau' => 'Lê'] as $uid => $surname) {
    $entry = ['objectClass' => 'inetOrgPerson', 'cn' => $uid, 'sn' => $surname, 'title' => ['cũ', 'khác']];
    ldap_add($ldap, "uid=$uid,$base", $entry);
}
$an = "uid=an,$base";

$told['pages'] = [];
$cookie = '';
do {
    [$found, , $controls] = search([asked(LDAP_CONTROL_PAGEDRESULTS, ['size' => 2, 'cookie' => $cookie])]);
    $told['pages'][] = $found;
    $cookie = $controls[LDAP_CONTROL_PAGEDRESULTS]['cookie'];
} while ($cookie !== '');
$sorted = asked(LDAP_CONTROL_SORTREQUEST, [['attr' => 'sn', 'reverse' => true]]);
[$told['sorted'], , $controls] = search([$sorted]);
$told['sort result'] = $controls[LDAP_CONTROL_SORTRESPONSE]['errcode'];
$told['windows'] = [];
foreach ([['offset' => 2, 'count' => 0], ['attrvalue' => 'Nguyễn']] as $where) {
    $window = ['before' => 0, 'after' => 1] + $where;
    [$found, , $controls] = search([$sorted, asked(LDAP_CONTROL_VLVREQUEST, $window)]);
    $view = $controls[LDAP_CONTROL_VLVRESPONSE];
    $told['windows'][] = [$found, $view['target'], $view['count'], $view['errcode']];
}

$matched = [asked(LDAP_CONTROL_VALUESRETURNFILTER, ['filter' => '(title=cũ)'])];
$result = ldap_read($ldap, $an, '(&)', ['title'], 0, 0, 0, 0, $matched);
$told['matched'] = ldap_get_values($ldap, ldap_first_entry($ldap, $result), 'title')['count'];
$reading = [asked(LDAP_CONTROL_PRE_READ, ['attrs' => ['title']]), asked(LDAP_CONTROL_POST_READ, ['attrs' => ['title']])];
$told['read'] = outcome(ldap_mod_replace_ext($ldap, $an, ['title' => 'mới'], $reading));
foreach (['(title=mới)', '(title=cũ)'] as $filter) {
    $control = asked(LDAP_CONTROL_ASSERT, ['filter' => $filter]);
    $told['asserted'][] = outcome(ldap_mod_replace_ext($ldap, $an, ['title' => 'mới'], [$control]))[0];
    $told['compared'][] = @ldap_compare($ldap, $an, 'title', 'mới', [$control]);
}

$told['password set'] = ldap_exop_passwd($ldap, $an, '', 'Song-Hau-7894');
$told['generated'] = strlen(ldap_exop_passwd($ldap, "uid=binh,$base"));
$controls = [asked(LDAP_CONTROL_PASSWORDPOLICYREQUEST)];
$told['too short'] = [@ldap_exop_passwd($ldap, $an, '', 'abc', $controls)];
$told['too short'][] = $controls[LDAP_CONTROL_PASSWORDPOLICYRESPONSE]['value']['error'];
$result = ldap_exop($ldap, LDAP_EXOP_WHO_AM_I, null, [asked(LDAP_CONTROL_PROXY_AUTHZ, "dn:$an")]);
ldap_parse_exop($ldap, $result, $told['proxied']);
$told['refresh'] = [@ldap_exop_refresh($ldap, $an, 100), ldap_errno($ldap)];

$batch = [
    ['attrib' => 'title', 'modtype' => LDAP_MODIFY_BATCH_REMOVE, 'values' => ['cũ']],
    ['attrib' => 'mobile', 'modtype' => LDAP_MODIFY_BATCH_ADD, 'values' => ['1']],
];
$told['batch'] = ldap_modify_batch($ldap, "uid=binh,$base", $batch);
$after = [asked(LDAP_CONTROL_POST_READ, ['attrs' => ['uid']])];
$told['renamed'] = outcome(ldap_rename_ext($ldap, "uid=chau,$base", 'uid=duong', $an, true, $after));
$told['no-op'] = outcome(ldap_delete_ext($ldap, $base, [asked('1.2.840.113556.1.4.805'), asked('1.3.6.1.4.1.4203.666.5.2')]))[0];
$told['tree'] = outcome(ldap_delete_ext($ldap, $base, [asked('1.2.840.113556.1.4.805')]))[0];
$told['left'] = [@ldap_read($ldap, $base, '(&)'), ldap_errno($ldap)];
echo json_encode($told, JSON_UNESCAPED_UNICODE | JSON_THROW_ON_ERROR);
