-- name: user
SELECT {User} FROM users WHERE uuid = ?

-- name: user_by_badge
SELECT {User} FROM users WHERE badge_hash = ? ORDER BY id DESC LIMIT 1

-- name: user_by_name
SELECT {User} FROM users WHERE username = ?

-- name: user_by_os_user
SELECT {User} FROM users WHERE os_user = ? ORDER BY id DESC LIMIT 1

-- name: users
SELECT {User} FROM users ORDER BY username

-- name: any_admin
SELECT EXISTS (SELECT 1 FROM users WHERE role = 'admin' AND active)

-- name: sign_in
SELECT {SignIn} FROM sign_ins WHERE uuid = ?

-- name: open_sign_in
SELECT {SignIn} FROM sign_ins
WHERE id = (SELECT max(id) FROM sign_ins WHERE station_number = ?)
    AND NOT EXISTS (SELECT 1 FROM sign_outs WHERE sign_in_uuid = sign_ins.uuid)

-- name: config_entries
SELECT {ConfigEntry} FROM system_config ORDER BY config_key

-- name: config
SELECT config_key, config_value FROM system_config ORDER BY config_key

-- name: criteria
SELECT {Criterion} FROM station_criteria ORDER BY station_number, order_index, id

-- name: waivers
SELECT {Waiver} FROM waivers WHERE until > ? ORDER BY id
