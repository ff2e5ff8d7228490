/* Reaches for the network and for other programs of the machine. */
#include "hostile.h"
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <stddef.h>
int main(int argc, char **argv)
{
	attempt(argc);
	struct sockaddr_in here = { .sin_family = AF_INET, .sin_port = htons(9),
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int tcp = socket(AF_INET, SOCK_STREAM, 0);
	if (tcp >= 0 && (connect(tcp, (void *)&here, sizeof here) == 0 || errno == ECONNREFUSED))
		escaped(argv, "TCP");
	int udp = socket(AF_INET, SOCK_DGRAM, 0);
	if (udp >= 0 && sendto(udp, "", 1, 0, (void *)&here, sizeof here) == 1)
		escaped(argv, "UDP");
	if (socket(AF_NETLINK, SOCK_RAW, 0) >= 0)
		escaped(argv, "netlink");
	if (socket(AF_VSOCK, SOCK_STREAM, 0) >= 0)
		escaped(argv, "vsock");
	struct sockaddr_un name = { .sun_family = AF_UNIX, .sun_path = "\0hostile" };
	int local = socket(AF_UNIX, SOCK_DGRAM, 0);
	socklen_t length = offsetof(struct sockaddr_un, sun_path) + 8;
	/* A name of one's own would not hurt; that others can find it would. */
	if (local >= 0 && bind(local, (void *)&name, length) == 0)
		escaped(argv, "an abstract socket");
	refused();
}
