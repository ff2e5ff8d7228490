/* Makes the calls that no exercise needs. */
#include "hostile.h"
#include <linux/keyctl.h>
#include <sys/mount.h>
int main(int argc, char **argv)
{
	attempt(argc);
	char buffer[256] = { 0 };
	if (unshare(CLONE_NEWUSER) == 0 || unshare(CLONE_NEWNS) == 0)
		escaped(argv, "unshare");
	if (mount("none", ".", "tmpfs", 0, NULL) == 0)
		escaped(argv, "mount");
	if (syscall(SYS_io_uring_setup, 8, buffer) >= 0)
		escaped(argv, "io_uring_setup");
	if (syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_USER_KEYRING, 0) >= 0)
		escaped(argv, "keyctl");
	if (syscall(SYS_bpf, 0, buffer, sizeof buffer) >= 0)
		escaped(argv, "bpf");
	if (syscall(SYS_userfaultfd, 1) >= 0)
		escaped(argv, "userfaultfd");
	refused();
}
