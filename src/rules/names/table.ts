/** Names that Falco and its plugins know. Made by scripts/falco-names.ts: change that, never this. */

export const FALCO = '0.44.1';
export const ENGINE = '0.62.0';

/** What evt.type can be: events of libs, system calls, and what the container plugin adds. */
export const EVENT_TYPES = `
  NA _llseek _newselect _sysctl accept accept4 access acct add_key adjtimex alarm arch_prctl asyncevent bdflush
  bind bpf brk cachestat capget capset chdir chmod chown chroot clock_adjtime clock_getres clock_gettime
  clock_nanosleep clock_settime clone clone3 close close_range connect container container_removed
  copy_file_range cpu_hotplug creat create_module delete_module drop dup dup2 dup3 epoll_create epoll_create1
  epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait epoll_wait_old eventfd eventfd2 execve execveat
  exit exit_group faccessat faccessat2 fadvise64 fallocate fanotify_init fanotify_mark fchdir fchmod fchmodat
  fchmodat2 fchown fchownat fcntl fcntl64 fdatasync fgetxattr file_getattr file_setattr finit_module flistxattr
  flock fork fremovexattr fsconfig fsetxattr fsmount fsopen fspick fstat fstat64 fstatat64 fstatfs fstatfs64
  fsync ftruncate futex futex_requeue futex_wait futex_waitv futex_wake futimesat get_kernel_syms get_mempolicy
  get_robust_list get_thread_area getcpu getcwd getdents getdents64 getegid getegid32 geteuid geteuid32 getgid
  getgid32 getgroups getitimer getpeername getpgid getpgrp getpid getpmsg getppid getpriority getrandom
  getresgid getresgid32 getresuid getresuid32 getrlimit getrusage getsid getsockname getsockopt gettid
  gettimeofday getuid getuid32 getxattr getxattrat groupadded groupdeleted idle infra init_module
  inotify_add_watch inotify_init inotify_init1 inotify_rm_watch io_cancel io_destroy io_getevents io_pgetevents
  io_setup io_submit io_uring_enter io_uring_register io_uring_setup ioctl ioperm iopl ioprio_get ioprio_set
  ipc k8s kcmp kexec_file_load kexec_load keyctl kill landlock_add_rule landlock_create_ruleset
  landlock_restrict_self lchown lgetxattr link linkat listen listmount listns listxattr listxattrat llistxattr
  llseek lookup_dcookie lremovexattr lseek lsetxattr lsm_get_self_attr lsm_list_modules lsm_set_self_attr lstat
  lstat64 madvise map_shadow_stack mbind membarrier memfd_create memfd_secret mesos migrate_pages mincore mkdir
  mkdirat mknod mknodat mlock mlock2 mlockall mmap mmap2 modify_ldt mount mount_setattr move_mount move_pages
  mprotect mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedsend mq_unlink mremap mseal msgctl msgget
  msgrcv msgsnd msync multiplexer munlock munlockall munmap na_1 name_to_handle_at nanosleep newfstatat
  nfsservctl nice notification oldfstat oldlstat oldolduname oldstat olduname open open_by_handle_at open_tree
  open_tree_attr openat openat2 page_fault page_fault_kernel page_fault_user pause pciconfig_iobase
  pciconfig_read pciconfig_write perf_event_open personality pidfd_getfd pidfd_open pidfd_send_signal pipe
  pipe2 pivot_root pkey_alloc pkey_free pkey_mprotect pluginevent poll ppoll prctl pread pread64 preadv preadv2
  prlimit prlimit64 process_madvise process_mrelease process_vm_readv process_vm_writev procexit procinfo
  pselect6 ptrace pwrite pwrite64 pwritev pwritev2 query_module quotactl quotactl_fd read readahead readdir
  readlink readlinkat readv reboot recv recvfrom recvmmsg recvmsg remap_file_pages removexattr removexattrat
  rename renameat renameat2 request_key restart_syscall riscv_flush_icache riscv_hwprobe rmdir rseq
  rseq_slice_yield rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend
  rt_sigtimedwait rt_tgsigqueueinfo rtas s390_guarded_storage s390_pci_mmio_read s390_pci_mmio_write
  s390_runtime_instr s390_sthyi scapevent sched_get_priority_max sched_get_priority_min sched_getaffinity
  sched_getattr sched_getparam sched_getscheduler sched_process_exit sched_rr_get_interval sched_setaffinity
  sched_setattr sched_setparam sched_setscheduler sched_switch sched_yield seccomp select semctl semget semop
  semtimedop send sendfile sendfile64 sendmmsg sendmsg sendto set_mempolicy set_mempolicy_home_node
  set_robust_list set_thread_area set_tid_address setdomainname setfsgid setfsuid setgid setgid32 setgroups
  sethostname setitimer setns setpgid setpriority setregid setresgid setresgid32 setresuid setresuid32 setreuid
  setrlimit setsid setsockopt settimeofday setuid setuid32 setxattr setxattrat sgetmask shmat shmctl shmdt
  shmget shutdown sigaction sigaltstack signal signal_deliver signaldeliver signalfd signalfd4 sigpending
  sigprocmask sigreturn sigsuspend socket socketcall socketpair splice spu_create spu_run ssetmask stat stat64
  statfs statfs64 statmount statx stime subpage_prot swapcontext swapoff swapon switch switch_endian symlink
  symlinkat sync sync_file_range sync_file_range2 syncfs sys_debug_setcontext syscall sysfs sysinfo syslog task
  task_file_anon_inode task_file_directory task_file_memfd task_file_pipe task_file_regular
  task_file_socket_inet task_file_socket_inet6 task_file_socket_netlink task_file_socket_unix tee tgkill time
  timer_create timer_delete timer_getoverrun timer_gettime timer_settime timerfd timerfd_create timerfd_gettime
  timerfd_settime times tkill tracer truncate ugetrlimit umask umount umount2 uname unknown unlink unlinkat
  unshare uprobe uretprobe uselib useradded userdeleted userfaultfd ustat utime utimensat utimes vfork vhangup
  vm86 vmsplice wait4 waitid waitpid write writev`;

/** What evt.type.is can ask for. */
export const EVENT_NAMES = `
  NA accept accept4 access asyncevent bind bpf brk capset chdir chmod chown chroot clone clone3 close
  close_range connect container copy_file_range cpu_hotplug creat delete_module drop dup dup2 dup3 epoll_create
  epoll_create1 epoll_wait eventfd eventfd2 execve execveat fchdir fchmod fchmodat fchown fchownat fcntl
  finit_module flock fork fsconfig fstat fstat64 futex getcwd getdents getdents64 getegid geteuid getgid
  getpeername getresgid getresuid getrlimit getsockname getsockopt getuid groupadded groupdeleted infra
  init_module inotify_init inotify_init1 io_uring_enter io_uring_register io_uring_setup ioctl k8s keyctl kill
  lchown link linkat listen llseek lseek lstat lstat64 memfd_create mesos mkdir mkdirat mknod mknodat mlock
  mlock2 mlockall mmap mmap2 mount mprotect munlock munlockall munmap nanosleep newfstatat notification open
  open_by_handle_at openat openat2 page_fault pidfd_getfd pidfd_open pipe pipe2 pluginevent poll ppoll prctl
  pread preadv prlimit process_vm_readv process_vm_writev procexit procinfo ptrace pwrite pwritev quotactl read
  readv recv recvfrom recvmmsg recvmsg rename renameat renameat2 rmdir scapevent seccomp select semctl semget
  semop send sendfile sendmmsg sendmsg sendto setgid setns setpgid setregid setresgid setresuid setreuid
  setrlimit setsid setsockopt setuid shutdown signaldeliver signalfd signalfd4 socket socketpair splice stat
  stat64 switch symlink symlinkat syscall task task_file_anon_inode task_file_directory task_file_memfd
  task_file_pipe task_file_regular task_file_socket_inet task_file_socket_inet6 task_file_socket_netlink
  task_file_socket_unix tgkill timerfd_create tkill tracer umount umount2 unlink unlinkat unshare useradded
  userdeleted userfaultfd vfork write writev`;

/** Arguments of events by their type, as evt.arg and evt.rawarg name them; the first event that has one gives the type. */
export const ARGUMENTS: Record<string, string> = {
  ABSTIME: `
    exe_ino_ctime exe_ino_mtime start_time`,
  BYTEBUF: `
    args cgroups data env img msgcontrol value_bytebuf`,
  CHARBUF: `
    arg2_str comm container_id cwd desc description exe home image json quotafilepath scope shell special
    target uargs value_charbuf`,
  CHARBUFARRAY: `
    argv tags`,
  DYN: `
    arg2 arg3 arg4 arg5 res_or_fd val`,
  ENUMFLAGS16: `
    opcode`,
  ENUMFLAGS32: `
    domain option`,
  ENUMFLAGS8: `
    cmd how level optname resource whence`,
  ERRNO: `
    maxevents res ret status`,
  FD: `
    dirfd fd fd1 fd2 fd_in fd_out fdin fdout in_fd linkdirfd mountfd newdir newdirfd newfd olddir olddirfd
    oldfd out_fd pid_fd target_fd`,
  FDLIST: `
    fds`,
  FLAGS16: `
    creat_flags op sem_flg_0 sem_flg_1`,
  FLAGS32: `
    error features flags nstype operation prot resolve semflg`,
  FLAGS8: `
    dqi_flags fd_type quota_fmt quota_fmt_out`,
  FSPATH: `
    dir exepath filename linkpath name newpath oldpath path root sun_path trusted_exepath`,
  FSRELPATH: `
    pathname`,
  GID: `
    egid rgid sgid`,
  INT16: `
    sem_op_0 sem_op_1`,
  INT32: `
    aux backlog key nsems semid semnum tty`,
  INT64: `
    arg2_int cur max newcur newmax oldcur oldmax timeout`,
  IPV4ADDR: `
    local_ip remote_ip`,
  PID: `
    dpid next pgid pid ptid reaper_tid spid tid vpgid vpid vtid`,
  PID32: `
    ppid sid vtgid`,
  PORT: `
    local_port remote_port`,
  RELTIME: `
    dqb_btime dqb_itime dqi_bgrace dqi_igrace interval`,
  SIGSET: `
    sigmask`,
  SIGTYPE: `
    sig`,
  SOCKADDR: `
    addr`,
  SOCKTUPLE: `
    tuple`,
  SYSCALLID: `
    ID`,
  UID: `
    euid loginuid ruid suid`,
  UINT16: `
    nativeID sem_num_0 sem_num_1 sk_proto sk_type`,
  UINT32: `
    action cpu cq_entries dev entries event_type first gid id last mask min_complete mnt_id mode nr_args nsops
    optlen plugin_id proto queuelen queuemax ratio size sq_entries sq_thread_cpu sq_thread_idle to_submit type
    uid vm_rss vm_size vm_swap`,
  UINT64: `
    arg argument cap_effective cap_inheritable cap_permitted cpu_sys cpu_usr dqb_bhardlimit dqb_bsoftlimit
    dqb_curspace dqb_ihardlimit dqb_isoftlimit event_data exe_ino exe_ino_num fdlimit initval ino ino_num ip
    len length offin offout offset peer pgft_maj pgft_min pgoffset pidns_init_start_ts pos request sk_pointer
    source`,
  UINT8: `
    clockid core queuepct`,
};

/** Rules, macros and lists of the rules files that Falco's packages bring; one name a line. */
export const STOCK: { file: string; rules: string; macros: string; lists: string }[] = [
  {
    file: 'falco_rules.yaml',
    rules: `Clear Log Activities
Contact K8S API Server From Container
Create Hardlink Over Sensitive Files
Create Symlink Over Sensitive Files
Debugfs Launched in Privileged Container
Detect release_agent File Container Escapes
Directory traversal monitored file read
Disallowed SSH Connection Non Standard Port
Drop and execute new binary in container
Execution from /dev/shm
Fileless execution via memfd_create
Find AWS Credentials
Linux Kernel Module Injection Detected
Netcat Remote Code Execution in Container
PTRACE anti-debug attempt
PTRACE attached to process
Packet socket created in container
Read sensitive file trusted after startup
Read sensitive file untrusted
Redirect STDOUT/STDIN to Network Connection in Container
Remove Bulk Data from Disk
Run shell untrusted
Search Private Keys or Passwords
System user interactive
Terminal shell in container`,
    macros: `access_log_files
allowed_clear_log_files
ansible_running_python
check_process_status
clear_data_procs
cmp_cp_by_passwd
consul_running_alert_checks
consul_running_net_scripts
container
container_entrypoint
containerd_activities
create_hardlink
create_symlink
directory_traversal
dup
etc_dir
grep_commands
grep_more
interactive
k8s_api_server
k8s_containers
kernel_module_load
known_drop_and_execute_activities
known_memfd_execution_processes
known_ptrace_procs
linux_bench_reading_etc_shadow
mandb_postinst
never_true
nginx_running_aws_s3_cp
nginx_starting_nginx
open_file_failed
open_read
open_write
outbound
parent_java_running_activemq
parent_java_running_cassandra
parent_java_running_datastax
parent_java_running_elasticsearch
parent_java_running_glassfish
parent_java_running_hadoop
parent_java_running_jboss_wildfly
parent_java_running_kafka
parent_java_running_zookeeper
perl_running_centrifydc
perl_running_plesk
perl_running_updmap
possibly_node_in_container
possibly_parent_java_running_tomcat
postgres_running_cnpg
postgres_running_wal_e
private_aws_credentials
private_key_or_password
proc_is_new
proc_name_exists
protected_shell_spawner
ptrace_attach_or_injection
python_mesos_marathon_scripting
rabbitmq_running_scripts
rabbitmqctl_running_scripts
redis_running_prepost_scripts
run_by_appdynamics
run_by_chef
run_by_foreman
run_by_google_accounts_daemon
run_by_package_mgmt_binaries
run_by_qualys
runuser_reading_pam
sensitive_files
serf_script
server_procs
shell_procs
spawned_process
splunk_running_forwarder
ssh_non_standard_ports_network
system_users
trusted_logging_images
user_expected_terminal_shell_in_container_conditions
user_known_contact_k8s_api_server_activities
user_known_read_sensitive_files_activities
user_known_remove_data_activities
user_known_stand_streams_redirect_activities
user_known_system_user_login
user_read_sensitive_file_conditions
user_read_sensitive_file_containers
user_shell_container_exclusions
user_ssh_directory
veritas_driver_script`,
    lists: `allowed_container_images_loading_kernel_module
cron_binaries
data_remove_commands
db_server_binaries
deb_binaries
docker_binaries
falco_containers
falco_no_driver_containers
falco_privileged_images
gitlab_binaries
grep_binaries
hids_binaries
http_server_binaries
ibm_cloud_containers
known_drop_and_execute_containers
known_memfd_execution_binaries
known_ptrace_binaries
known_shell_spawn_cmdlines
log_directories
log_files
login_binaries
mail_binaries
mail_config_binaries
mesos_shell_binaries
needrestart_binaries
nomachine_binaries
nosql_server_binaries
package_mgmt_binaries
passwd_binaries
postgres_mgmt_binaries
protected_shell_spawning_binaries
python_package_managers
read_sensitive_file_binaries
read_sensitive_file_images
rfc_1918_addresses
rpm_binaries
sematext_images
sensitive_directory_names
sensitive_file_names
shadowutils_binaries
shell_binaries
ssh_non_standard_ports
sshkit_script_binaries
trusted_images
user_known_packet_socket_binaries
user_known_shell_spawn_binaries
user_mgmt_binaries
userexec_binaries
vpn_binaries`,
  },
  {
    file: 'falco-incubating_rules.yaml',
    rules: `Adding ssh keys to authorized_keys
BPF Program Not Profiled
Backdoored library loaded into SSHD (CVE-2024-3094)
Change namespace privileges via unshare
Change thread namespace
Contact EC2 Instance Metadata Service From Container
Contact cloud metadata service from container
Create files below dev
DB program spawned process
Delete or rename shell history
Exfiltrating Artifacts via Kubernetes Control Plane
Launch Excessively Capable Container
Launch Ingress Remote File Copy Tools in Container
Launch Package Management Process in Container
Launch Privileged Container
Launch Remote File Copy Tools in Container
Launch Suspicious Network Tool in Container
Launch Suspicious Network Tool on Host
Modify Shell Configuration File
Mount Launched in Privileged Container
Network Connection outside Local Subnet
Non sudo setuid
Potential Local Privilege Escalation via Environment Variables Misuse
Program run with disallowed http proxy env
Read environment variable from /proc files
Read ssh information
Schedule Cron Jobs
Set Setuid or Setgid bit
System procs network activity
Unexpected UDP Traffic
User mgmt binaries`,
    macros: `allowed_aws_ecr_registry_root_for_eks
allowed_openshift_registry_root
allowed_ssh_proxy_env
aws_eks_core_images
bpf_profiled_procs
calico_node
chage_list
chmod
container
container_entrypoint
container_started
curl_download
ec2_metadata_containers
excessively_capable_container
exe_running_docker_save
expected_udp_traffic
falco_privileged_containers
glibc_tunables_env
http_proxy_procs
inbound_outbound
ingress_remote_file_copy_procs
java_running_sdjagent
known_aks_mount_in_privileged_containers
known_eks_mount_in_privileged_containers
known_gke_mount_in_privileged_containers
known_user_in_container
kubelet_running_loopback
login_doing_dns_lookup
modify
modify_shell_history
mount_info
network_local_subnet
network_tool_procs
never_true
nrpe_becoming_nagios
open_directory
open_read
open_write
openshift_image
outbound
package_mgmt_ancestor_procs
package_mgmt_procs
pkg_mgmt_in_kube_proxy
postgres_running_wal_e
proc_name_exists
rancher_agent
rancher_network_manager
redhat_image
remote_file_copy_procs
remove
rename
run_by_google_accounts_daemon
run_by_ms_oms
run_by_qualys
run_by_sumologic_securefiles
run_by_yum
somebody_becoming_themselves
spawned_process
system_level_side_effect_artifacts_kubectl_cp
system_procs
truncate_shell_history
user_expected_system_procs_network_activity_conditions
user_known_change_thread_namespace_activities
user_known_create_files_below_dev_activities
user_known_cron_jobs
user_known_db_spawned_processes
user_known_ingress_remote_file_copy_activities
user_known_metadata_access
user_known_mount_in_privileged_containers
user_known_network_tool_activities
user_known_non_sudo_setuid_conditions
user_known_package_manager_in_container
user_known_read_ssh_information_activities
user_known_remote_file_copy_activities
user_known_set_setuid_or_setgid_bit_conditions
user_known_shell_config_modifiers
user_known_user_management_activities
user_privileged_containers
user_ssh_directory
user_trusted_containers
var_lib_docker_filepath
weaveworks_scope`,
    lists: `allowed_dev_files
bash_config_filenames
bash_config_files
bpf_profiled_binaries
coreutils_binaries
cron_binaries
csh_config_filenames
csh_config_files
db_server_binaries
deb_binaries
dev_creation_binaries
docker_binaries
expected_udp_ports
falco_containers
falco_privileged_images
http_proxy_binaries
ingress_remote_file_copy_binaries
k8s_binaries
known_binaries_to_read_environment_variables_from_proc_files
known_setuid_binaries
known_system_procs_network_activity_binaries
l2tp_udp_ports
login_binaries
lxd_binaries
mail_binaries
namespace_scope_network_only_subnet
network_plugin_binaries
network_tool_binaries
nomachine_binaries
ntp_ports
openvpn_udp_ports
package_mgmt_binaries
passwd_binaries
python_package_managers
redhat_io_images_privileged
remote_file_copy_binaries
rfc_1918_addresses
rpm_binaries
sematext_images
shadowutils_binaries
shell_binaries
shell_config_directories
shell_config_filenames
shell_config_files
ssh_binaries
statsd_ports
sysdigcloud_binaries
test_connect_ports
trusted_images
user_known_change_thread_namespace_binaries
user_known_chmod_applications
user_mgmt_binaries
userexec_binaries
zsh_config_filenames`,
  },
  {
    file: 'falco-sandbox_rules.yaml',
    rules: `Basic Interactive Reconnaissance
Container Access to Host Sensitive Paths
Container Drift Detected (chmod)
Container Drift Detected (open+create)
Container Run as Root User
Create Hidden Files or Directories
Decoding Payload in Container
Detect crypto miners using the Stratum protocol
Detect outbound connections to common miner pool ports
Interpreted procs inbound network activity
Interpreted procs outbound network activity
Java Process Class File Download
Known Cryptominer Process Executed
Kubernetes Client Tool Launched in Container
Launch Disallowed Container
Launch Sensitive Mount Container
Mkdir binary dirs
Modify Container Entrypoint
Modify binary dirs
Netcat/Socat Remote Code Execution on Host
Network Tool Executed During NPM Package Install
Polkit Local Privilege Escalation Vulnerability (CVE-2021-4034)
Privileged Container Device Access
Read Shell Configuration File
Reverse Shell from Web Server
Sudo Potential Privilege Escalation
Unexpected K8s NodePort Connection
Unexpected inbound connection source
Unprivileged Delegation of Page Faults Handling to a Userspace Process
Update Package Repository
Web Server Spawned Shell
Web Server Spawned Suspicious Child Process
Write below binary dir
Write below etc
Write below monitored dir
Write below root
Write below rpm database`,
    macros: `access_repositories
add_shell_writing_shells_tmp
airflow_writing_state
allowed_aws_ecr_registry_root_for_eks
allowed_containers
amazon_linux_running_python_yum
ansible_running_python
automount_using_mtab
avinetworks_supervisor_writing_ssh
aws_eks_image_sensitive_mount
azure_networkwatcher_writing_conf
azure_scripts_writing_conf
base64_decoding
bin_dir
bin_dir_mkdir
bin_dir_rename
brandbot_writing_os_release
calico_node
calico_writing_conf
calico_writing_envvars
calico_writing_state
cassandra_writing_state
centrify_writing_krb
checkpoint_writing_state
chef_client_writing_conf
chef_writing_conf
chmod
cloud_init_writing_ssh
cockpit_writing_conf
consul_template_writing_conf
container
container_started
coreos_write_ssh_dir
couchdb_writing_conf
countly_writing_nginx_conf
cron_start_writing_pam_env
curl_writing_pki_db
datadog_writing_conf
docker_procs
dpkg_scripting
dse_writing_tmp
duply_writing_exclude_files
etc_dir
etcd_manager_updating_dns
etckeeper
etckeeper_activities
exe_running_docker_save
falco_sensitive_mount_containers
fluentd_writing_conf_files
galley_writing_state
git_writing_nssdb
google_accounts_daemon_writing_ssh
gugent_writing_guestagent_log
haproxy_writing_conf
htpasswd_writing_passwd
httpd_writing_conf_logs
httpd_writing_ssl_conf
inbound
inbound_outbound
interpreted_procs
ipsec_writing_conf
is_miner_process
iscsi_writing_conf
istio_writing_conf
java_network_read
java_running_cassandra
java_writing_conf
jboss_in_container_writing_passwd
keepalived_writing_conf
known_container_runtime_host_access
known_root_conditions
kubectl_writing_state
liveupdate_writing_conf
lvprogs_writing_conf
maven_writing_groovy
mcafee_writing_cma_d
minerpool_http
minerpool_https
minerpool_other
mkdir
mkinitramfs_writing_boot
modify
modify_repositories
monitored_dir
ms_oms_writing_conf
ms_scx_writing_conf
multipath_writing_conf
mysql_writing_conf
mysqlsh_writing_state
net_miner_pool
network_tool_procs
networkmanager_writing_resolv_conf
never_true
nginx_writing_certs
nginx_writing_conf
nodeport_containers
npm_package_install_ancestor
open_read
open_write
openldap_writing_conf
openshift_writing_conf
openvpn_writing_conf
outbound
ovsdb_writing_openvswitch
package_mgmt_ancestor_procs
package_mgmt_procs
parent_supervise_running_multilog
parent_ucf_writing_conf
php_handlers_writing_conf
pkgmgmt_progs_writing_pki
pki_realm_writing_realms
plesk_install_writing_apache_conf
plesk_running_mktemp
plesk_writing_keys
proc_name_exists
prometheus_conf_writing_conf
python_running_chef
python_running_denyhosts
python_running_get_pip
python_running_ms_oms
qualys_writing_conf_files
rabbitmq_writing_conf
rancher_writing_conf
rancher_writing_root
redis_writing_conf
remove
rename
rook_writing_conf
root_dir
rpm_procs
rpm_writing_root_rpmdb
run_by_adclient
run_by_centrify
run_by_chef
runc_writing_exec_fifo
runc_writing_var_lib_docker
sed_temporary_file
sed_writing_temp_file
selinux_writing_conf
sensitive_mount
slapadd_writing_conf
sosreport_writing_files
spawned_by_web_server
spawned_process
sssd_writing_krb
supervise_writing_status
symantec_writing_conf
trusted_images_query_miner_domain_dns
ucpagent_writing_conf
ufw_writing_conf
update_ca_trust_writing_pki
update_texmf_writing_conf
user_known_container_drift_activities
user_known_create_hidden_file_activities
user_known_host_path_access
user_known_k8s_client_container
user_known_k8s_client_container_parens
user_known_mkdir_bin_dir_activities
user_known_modify_bin_dir_activities
user_known_network_tool_in_npm_install_activities
user_known_privileged_device_access
user_known_run_as_root_container
user_known_update_package_registry
user_known_web_server_child_activities
user_known_web_server_shell_activities
user_known_write_below_binary_dir_activities
user_known_write_below_etc_activities
user_known_write_below_root_activities
user_known_write_etc_conditions
user_known_write_monitored_dir_conditions
user_known_write_root_conditions
user_known_write_rpm_database_activities
user_sensitive_mount_containers
user_ssh_directory
user_trusted_containers
userhelper_writing_etc_security
veritas_driver_script
veritas_progs
veritas_writing_config
write_etc_common
xmlcatalog_writing_files
zap_writing_state`,
    lists: `allowed_inbound_source_domains
allowed_inbound_source_ipaddrs
allowed_inbound_source_networks
bash_config_filenames
bash_config_files
csh_config_filenames
csh_config_files
deb_binaries
dev_creation_binaries
dhcp_binaries
docker_binaries
exclude_hidden_directories
falco_containers
falco_sensitive_mount_images
http_miner_domains
https_miner_domains
interpreted_binaries
k8s_client_binaries
known_decode_payload_containers
known_istio_files
known_root_directories
known_root_files
mail_config_binaries
miner_binaries
miner_domains
miner_ports
monitored_directories
ms_oms_binaries
network_tool_binaries
node_package_managers
nomachine_binaries
openscap_rpm_binaries
package_mgmt_binaries
passwd_binaries
plesk_binaries
python_package_managers
recon_binaries
repository_directories
repository_files
rfc_1918_addresses
rpm_binaries
run_as_root_image_list
safe_etc_dirs
shadowutils_binaries
shell_binaries
shell_config_directories
shell_config_filenames
shell_config_files
shell_mgmt_binaries
sshkit_script_binaries
ssl_mgmt_binaries
suspicious_web_children
sysdigcloud_binaries
trusted_images
user_known_k8s_images
user_known_k8s_ns_kube_system_images
user_known_userfaultfd_processes
veritas_binaries
web_server_binaries
zsh_config_filenames`,
  },
];

/** Fields by who brings them and by type; what follows a name is explained in fields.ts. */
export const CLASSES: {
  from: string;
  version: string;
  /** Event sources that have them; * is all. */
  sources: string[];
  fields: Record<string, string>;
}[] = [
  {
    from: 'libs, all sources',
    version: '0.25.4',
    sources: ['*'],
    fields: {
      ABSTIME: `
        evt.rawtime evt.rawtime.ns evt.rawtime.s`,
      BOOL: `
        evt.is_async`,
      CHARBUF: `
        evt.asynctype evt.datetime evt.datetime.s evt.hostname evt.plugininfo evt.pluginname evt.source
        evt.time evt.time.iso8601 evt.time.s`,
      RELTIME: `
        evt.reltime evt.reltime.ns evt.reltime.s`,
      UINT64: `
        evt.num`,
    },
  },
  {
    from: 'libs',
    version: '0.25.4',
    sources: ['syscall'],
    fields: {
      ABSTIME: `
        proc.exe_ino.ctime proc.exe_ino.ctime_duration_pidns_start proc.exe_ino.ctime_duration_proc_start
        proc.exe_ino.mtime`,
      BOOL: `
        evt.failed evt.is_io evt.is_io_read evt.is_io_write evt.is_open_create evt.is_open_exec
        evt.is_open_read evt.is_open_write evt.is_syslog evt.is_wait fd.connected fd.is_lower_layer
        fd.is_server fd.is_upper_layer fd.name_changed proc.is_exe_from_memfd proc.is_exe_lower_layer
        proc.is_exe_upper_layer proc.is_exe_writable proc.is_pgid_leader proc.is_sid_leader
        proc.is_vpgid_leader thread.ismain`,
      BYTEBUF: `
        evt.buffer`,
      CHARBUF: `
        evt.abspath! evt.arg! evt.args evt.category evt.dir evt.info evt.infra.docker.container.id
        evt.infra.docker.container.image evt.infra.docker.container.name evt.infra.docker.name evt.io_dir
        evt.latency.human evt.outputtime evt.res evt.type fd.cip.name- fd.containerdirectory fd.containername
        fd.cproto fd.directory fd.filename fd.l4proto fd.lip.name- fd.lproto fd.name fd.nameraw fd.rip.name-
        fd.rproto fd.sip.name- fd.sockfamily fd.sproto fd.type fd.typechar fd.types*? fd.uid fdlist.cips
        fdlist.cports fdlist.names fdlist.nums fdlist.sips fdlist.sports fs.path.name fs.path.nameraw
        fs.path.source fs.path.sourceraw fs.path.target fs.path.targetraw group.name proc.aargs?
        proc.acmdline?- proc.aenv?- proc.aexe?- proc.aexepath?- proc.aname?- proc.args? proc.cmdline proc.cwd
        proc.env? proc.exe proc.exeline proc.exepath proc.name proc.pcmdline proc.pexe proc.pexepath
        proc.pgid.exe proc.pgid.exepath proc.pgid.name proc.pname proc.sid.exe proc.sid.exepath proc.sname
        proc.stderr.name proc.stderr.type proc.stdin.name proc.stdin.type proc.stdout.name proc.stdout.type
        proc.vpgid.exe proc.vpgid.exepath proc.vpgid.name syscall.type thread.cap_effective
        thread.cap_inheritable thread.cap_permitted thread.cgroup! thread.cgroups thread.nametid user.homedir
        user.loginname user.name user.shell`,
      DOUBLE: `
        proc.fdusage thread.cpu thread.cpu.system thread.cpu.user`,
      DYN: `
        evt.rawarg!-`,
      INT16: `
        evt.cpu`,
      INT32: `
        fd.dev fd.dev.major fd.dev.minor`,
      INT64: `
        evt.rawres fd.ino fd.num proc.apid?- proc.exe_ino proc.fdlimit proc.loginshellid proc.pgid proc.pid
        proc.ppid proc.pvpid proc.sid proc.vpgid proc.vpid thread.tid thread.vtid user.loginuid`,
      IPADDR: `
        fd.cip fd.ip- fd.lip fd.rip fd.sip`,
      IPNET: `
        fd.cnet- fd.lnet- fd.net- fd.rnet- fd.snet-`,
      PORT: `
        fd.cport fd.lport fd.port- fd.proto- fd.rport fd.sport`,
      RELTIME: `
        evt.deltatime evt.deltatime.ns evt.deltatime.s evt.latency evt.latency.ns evt.latency.s
        evt.wait_latency proc.duration proc.pid.ts proc.ppid.duration proc.ppid.ts thread.exectime
        thread.totexectime`,
      UINT32: `
        evt.count evt.count.error evt.count.error.file evt.count.error.memory evt.count.error.net
        evt.count.error.other evt.count.exit evt.count.procinfo evt.count.threadinfo evt.type.is! group.gid
        proc.tty user.uid`,
      UINT64: `
        evt.around!- evt.buflen evt.buflen.file evt.buflen.file.in evt.buflen.file.out evt.buflen.in
        evt.buflen.net evt.buflen.net.in evt.buflen.net.out evt.buflen.out evt.latency.quantized
        proc.cmdlenargs proc.cmdnargs proc.fdopencount proc.nchilds proc.nthreads proc.pidns_init_start_ts
        proc.vmrss proc.vmsize proc.vmswap thread.pfmajor thread.pfminor thread.vmrss thread.vmrss.b
        thread.vmsize thread.vmsize.b util.cnt`,
    },
  },
  {
    from: 'container',
    version: '0.7.1',
    sources: ['syscall'],
    fields: {
      ABSTIME: `
        container.start_ts`,
      BOOL: `
        container.host_ipc container.host_network container.host_pid container.privileged
        proc.is_container_healthcheck proc.is_container_liveness_probe proc.is_container_readiness_probe`,
      CHARBUF: `
        container.cni.json container.full_id container.healthcheck container.id container.image
        container.image.digest container.image.id container.image.repository container.image.tag container.ip
        container.label! container.labels container.liveness_probe container.mount! container.mount.dest!
        container.mount.mode! container.mount.propagation! container.mount.rdwr! container.mount.source!
        container.mounts container.name container.readiness_probe container.type k8s.deployment.id
        k8s.deployment.label! k8s.deployment.labels k8s.deployment.name k8s.ns.id k8s.ns.label! k8s.ns.labels
        k8s.ns.name k8s.pod.cni.json k8s.pod.full_sandbox_id k8s.pod.id k8s.pod.ip k8s.pod.label!
        k8s.pod.labels k8s.pod.name k8s.pod.sandbox_id k8s.pod.uid k8s.rc.id k8s.rc.label! k8s.rc.labels
        k8s.rc.name k8s.rs.id k8s.rs.label! k8s.rs.labels k8s.rs.name k8s.svc.id k8s.svc.label! k8s.svc.labels
        k8s.svc.name`,
      RELTIME: `
        container.duration`,
    },
  },
  {
    from: 'k8smeta',
    version: '0.4.1',
    sources: ['syscall'],
    fields: {
      CHARBUF: `
        k8smeta.deployment.label! k8smeta.deployment.labels* k8smeta.deployment.name k8smeta.deployment.uid
        k8smeta.ns.label! k8smeta.ns.labels* k8smeta.ns.name k8smeta.ns.uid k8smeta.pod.ip k8smeta.pod.label!
        k8smeta.pod.labels* k8smeta.pod.name k8smeta.pod.uid k8smeta.rc.label! k8smeta.rc.labels*
        k8smeta.rc.name k8smeta.rc.uid k8smeta.rs.label! k8smeta.rs.labels* k8smeta.rs.name k8smeta.rs.uid
        k8smeta.svc.label*! k8smeta.svc.labels* k8smeta.svc.name* k8smeta.svc.uid*`,
    },
  },
  {
    from: 'k8saudit',
    version: '0.18.0',
    sources: ['k8s_audit'],
    fields: {
      CHARBUF: `
        ka.auditid ka.auth.decision ka.auth.openshift.decision ka.auth.openshift.username ka.auth.reason
        ka.cluster.name ka.impuser.name ka.req.binding.role ka.req.binding.subject.has_name!
        ka.req.binding.subjects* ka.req.binding.subjects.group_names*
        ka.req.binding.subjects.serviceaccount_names* ka.req.binding.subjects.serviceaccount_ns_names*
        ka.req.binding.subjects.user_names* ka.req.configmap.name ka.req.configmap.obj
        ka.req.container.host_network ka.req.container.image ka.req.container.image.repository
        ka.req.container.privileged ka.req.pod.containers.add_capabilities*?#
        ka.req.pod.containers.allow_privilege_escalation*?# ka.req.pod.containers.args*?#
        ka.req.pod.containers.command*?# ka.req.pod.containers.eff_run_as_group*?#
        ka.req.pod.containers.eff_run_as_user*?# ka.req.pod.containers.host_port*?#
        ka.req.pod.containers.image*?# ka.req.pod.containers.image.repository*?# ka.req.pod.containers.name*?#
        ka.req.pod.containers.privileged*?# ka.req.pod.containers.proc_mount*?#
        ka.req.pod.containers.read_only_fs*?# ka.req.pod.containers.run_as_group*?#
        ka.req.pod.containers.run_as_user*?# ka.req.pod.ephemeralContainers.add_capabilities*?#
        ka.req.pod.ephemeralContainers.allow_privilege_escalation*?# ka.req.pod.ephemeralContainers.args*?#
        ka.req.pod.ephemeralContainers.command*?# ka.req.pod.ephemeralContainers.eff_run_as_group*?#
        ka.req.pod.ephemeralContainers.eff_run_as_user*?# ka.req.pod.ephemeralContainers.image*?#
        ka.req.pod.ephemeralContainers.image.repository*?# ka.req.pod.ephemeralContainers.name*?#
        ka.req.pod.ephemeralContainers.privileged*?# ka.req.pod.ephemeralContainers.proc_mount*?#
        ka.req.pod.ephemeralContainers.read_only_fs*?# ka.req.pod.ephemeralContainers.run_as_group*?#
        ka.req.pod.ephemeralContainers.run_as_user*?# ka.req.pod.fs_group ka.req.pod.host_ipc
        ka.req.pod.host_network ka.req.pod.host_pid ka.req.pod.initContainers.add_capabilities*?#
        ka.req.pod.initContainers.allow_privilege_escalation*?# ka.req.pod.initContainers.args*?#
        ka.req.pod.initContainers.command*?# ka.req.pod.initContainers.eff_run_as_group*?#
        ka.req.pod.initContainers.eff_run_as_user*?# ka.req.pod.initContainers.host_port*?#
        ka.req.pod.initContainers.image*?# ka.req.pod.initContainers.image.repository*?#
        ka.req.pod.initContainers.name*?# ka.req.pod.initContainers.privileged*?#
        ka.req.pod.initContainers.proc_mount*?# ka.req.pod.initContainers.read_only_fs*?#
        ka.req.pod.initContainers.run_as_group*?# ka.req.pod.initContainers.run_as_user*?#
        ka.req.pod.run_as_group ka.req.pod.run_as_user ka.req.pod.supplemental_groups*
        ka.req.pod.volumes.flexvolume_driver*?# ka.req.pod.volumes.hostpath*?#
        ka.req.pod.volumes.volume_type*?# ka.req.role.rules* ka.req.role.rules.apiGroups*?#
        ka.req.role.rules.nonResourceURLs*?# ka.req.role.rules.resources*?# ka.req.role.rules.verbs*?#
        ka.req.service.ports*?# ka.req.service.type ka.req.volume.hostpath! ka.resp.name ka.response.code
        ka.response.reason ka.security.pod.violations ka.sourceips*?# ka.stage ka.target.name
        ka.target.namespace ka.target.pod.name ka.target.resource ka.target.subresource ka.uri ka.uri.param!
        ka.user.groups* ka.user.name ka.useragent ka.validations.admission.policy.failure ka.verb`,
    },
  },
  {
    from: 'cloudtrail',
    version: '0.17.1',
    sources: ['aws_cloudtrail'],
    fields: {
      CHARBUF: `
        ct.addendum.originaleventid ct.addendum.originalrequestid ct.addendum.reason ct.addendum.updatedfields
        ct.additionaleventdata ct.apiversion ct.edgedevicedetails ct.error ct.errormessage ct.eventcategory
        ct.eventtype ct.id ct.info ct.managementevent ct.name ct.originaluser ct.readonly ct.recipientaccountid
        ct.region ct.request ct.request.availabilityzone ct.request.cluster ct.request.documentname
        ct.request.functionname ct.request.groupname ct.request.host ct.request.name ct.request.policy
        ct.request.reason ct.request.serialnumber ct.request.servicename ct.request.subnetid ct.request.target
        ct.request.taskdefinition ct.request.username ct.requestid ct.resources ct.response
        ct.response.reservationid ct.response.subnetid ct.serviceeventdetails ct.sessioncredentialfromconsole
        ct.sharedeventid ct.shortsrc ct.src ct.srcip ct.time ct.tlsdetails.ciphersuite
        ct.tlsdetails.clientprovidedhostheader ct.tlsdetails.tlsversion ct.user ct.user.accountid ct.user.arn
        ct.user.identitytype ct.user.principalid ct.useragent ct.vpcendpointid ec2.imageid ec2.imageids*?#
        ec2.name ecr.imagetag ecr.repository iam.policy iam.role s3.bucket s3.key s3.uri`,
      UINT64: `
        s3.bytes s3.bytes.in s3.bytes.out s3.cnt.get s3.cnt.other s3.cnt.put`,
    },
  },
  {
    from: 'okta',
    version: '0.12.0',
    sources: ['okta'],
    fields: {
      CHARBUF: `
        okta.actor.Type okta.actor.alternateid okta.actor.id okta.actor.name okta.app
        okta.authentication.credentialprovider okta.authentication.provider okta.authentication.sessionid
        okta.authentication.step okta.behaviors okta.client.device okta.client.geo.city okta.client.geo.country
        okta.client.geo.lat okta.client.geo.lon okta.client.geo.postalcode okta.client.geo.state okta.client.id
        okta.client.ip okta.client.zone okta.evt.legacytype okta.evt.type okta.logonlysecuritydata okta.message
        okta.org okta.principal.alternateid okta.principal.id okta.principal.name okta.principal.type
        okta.published okta.reason okta.requesturi okta.result okta.security.asorg okta.security.domain
        okta.security.isp okta.security.isproxy okta.severity okta.target.app.alternateid
        okta.target.group.alternateid okta.target.group.id okta.target.group.name okta.target.user.alternateid
        okta.target.user.id okta.target.user.name okta.targets.displayName?# okta.transaction.id
        okta.transaction.type okta.useragent.browser okta.useragent.os okta.useragent.raw`,
      UINT64: `
        okta.mfa.deny.countlast!# okta.mfa.failure.countlast!# okta.security.asnumber`,
    },
  },
  {
    from: 'github',
    version: '0.10.1',
    sources: ['github'],
    fields: {
      CHARBUF: `
        github.action github.collaborator.name github.collaborator.role github.commit.added
        github.commit.modified github.commit.removed github.diff.committed_secrets.desc
        github.diff.committed_secrets.files github.diff.committed_secrets.lines
        github.diff.committed_secrets.links github.diff.has_secrets github.org github.owner github.repo
        github.repo.description github.repo.name github.repo.public github.repo.url github.type github.user
        github.webhook.id github.webhook.type github.workflow.filename github.workflow.has_miners
        github.workflow.miners.type`,
    },
  },
  {
    from: 'gcpaudit',
    version: '0.8.1',
    sources: ['gcp_auditlog'],
    fields: {
      CHARBUF: `
        gcp.authorizationInfo gcp.callerIP gcp.cloudfunctions.function gcp.cloudsql.databaseId
        gcp.compute.instanceId gcp.compute.networkId gcp.compute.subnetwork gcp.compute.subnetworkId
        gcp.dns.zone gcp.iam.serviceAccount gcp.iam.serviceAccountId gcp.location gcp.logging.sink
        gcp.methodName gcp.policyDelta gcp.projectId gcp.request gcp.resourceLabels gcp.resourceName
        gcp.resourceType gcp.serviceName gcp.storage.bucket gcp.time gcp.user gcp.userAgent`,
    },
  },
  {
    from: 'json',
    version: '0.7.4',
    sources: ['*'],
    fields: {
      CHARBUF: `
        jevt.obj jevt.rawtime jevt.value! json.obj json.rawtime json.value!`,
    },
  },
];
