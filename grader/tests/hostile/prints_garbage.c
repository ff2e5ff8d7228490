/* One endless line of what terminals and parsers do not like. */
#include "hostile.h"
int main(int argc, char **argv)
{
	static const char garbage[] =
		"\0\xff\xfe\xc0\x80\x1b[2J\x1b]0;owned\a\x1b[31m\x1b[8m<script>alert(1)</script>&\"'\r";
	attempt(argc);
	append(argv[1], "\x1b[2J\xff<script>");
	for (;;) {
		fwrite(garbage, 1, sizeof garbage - 1, stdout);
		fwrite(garbage, 1, sizeof garbage - 1, stderr);
	}
}
