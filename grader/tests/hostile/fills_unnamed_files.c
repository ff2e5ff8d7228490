/* The same without a name: deleted files, and files in memory. */
#include "hostile.h"
int main(int argc, char **argv)
{
	attempt(argc);
	(void)argv;
	static char bytes[1 << 20];
	for (int file = 0;; file++) {
		int fd = file % 2 ? memfd_create("file", 0)
				  : open("file", O_RDWR | O_CREAT, 0644);
		unlink("file");
		while (fd >= 0 && write(fd, bytes, sizeof bytes) > 0)
			;
	}
}
