/* What the training pod runs: waits for its end; with an argument it leaves at
 * once with status 0. */
#include <unistd.h>
int main(int argc, char **argv) {
  (void)argv;
  if (argc == 1)
    pause();
  return 0;
}
