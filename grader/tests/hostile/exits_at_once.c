/* Says that all is done. */
#include "hostile.h"
int main(void)
{
	exit(0);
}
