/* The pod's init: PID 1 of a shared pid namespace. */
#ifndef ONGGI_INIT_H
#define ONGGI_INIT_H

_Noreturn void init_main(void);

#endif
