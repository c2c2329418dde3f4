/* The child: one adapter, its sessions, the socketpair to the parent and nothing else. */
#ifndef ADAPTERD_CHILD_H
#define ADAPTERD_CHILD_H

/* The process's main; returns its exit status. The parent is at CHILD_FD. */
int child_main(void);

#endif
