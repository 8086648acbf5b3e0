#!/bin/sh
# The profile `demo`: every few seconds one of the things that the 17 rules watch, in the container that the rule is
# for. Nothing is harmed: what is written is scratch, what is dropped does not exist. Some fire a second rule as
# well, as a real intruder's would.
set -u
trap "exit 0" TERM INT
pause=${DEMO_SECONDS:-5}

in_dashboard() { docker exec ecommerce-dashboard "$@"; }
in_grafana() { docker exec ecommerce-grafana "$@"; }
in_postgres() { docker exec ecommerce-postgres "$@"; }
python() { in_dashboard python -c "$1"; }

# Each is named after its rule. Most succeed; where one can't (no way out to a plugin catalogue), the try is the event.
dash_unauthorized_file_write() { python "open('/dev/shm/implant', 'w').write('x')"; }
dash_database_connection_monitoring() { python "import socket; socket.create_connection(('ecommerce-postgres', 5432))"; }
dash_suspicious_process() { in_dashboard uname -a; }
dash_environment_variable_access() { python "open('/proc/self/environ').read()"; }
dash_port_binding_change() { python "import socket; socket.socket().bind(('0.0.0.0', 4444))"; }
grafana_configuration_modification() { in_grafana touch /etc/grafana/scratch/custom.ini; }
grafana_datasource_modification() { in_grafana touch /tmp/datasource.yaml; }
grafana_dashboard_export() { in_grafana head -c 1 /var/lib/grafana/dashboards/falco-events.json; }
grafana_plugin_installation() { in_grafana timeout 5 grafana cli --pluginsDir /tmp plugins install no-such-plugin; }
# Opened for appending; nothing is written.
grafana_database_file_access() { in_grafana sh -c ': >> /var/lib/grafana/grafana.db'; }
postgresql_data_directory_write() { in_postgres touch /var/lib/postgresql/data/demo.scratch; }
postgresql_configuration_change() { in_postgres touch /var/lib/postgresql/data/pg_hba.conf; }
postgresql_shell_access() { in_postgres sh -c id; }
postgresql_backup_access() { in_postgres touch /tmp/demo.dump; }
postgresql_table_drop() { in_postgres psql -U postgres shop -c 'DROP TABLE IF EXISTS no_such_table'; }
# PostgreSQL opens no connections of its own.
suspicious_inter_service_communication() { in_postgres pg_isready -t 2 -h ecommerce-dashboard -p 8050; }
service_container_file_execution() {
  python "open('/tmp/dropped.py', 'w').write('print(1)')"
  in_dashboard python /tmp/dropped.py
}

while :; do
  for act in \
    dash_database_connection_monitoring dash_suspicious_process grafana_dashboard_export \
    postgresql_backup_access dash_environment_variable_access grafana_configuration_modification \
    postgresql_configuration_change dash_unauthorized_file_write grafana_database_file_access \
    postgresql_shell_access grafana_plugin_installation dash_port_binding_change \
    suspicious_inter_service_communication grafana_datasource_modification postgresql_data_directory_write \
    service_container_file_execution postgresql_table_drop; do
    echo "$act"
    "$act" > /dev/null 2>&1 || true
    sleep "$pause" &
    wait $!
  done
done
