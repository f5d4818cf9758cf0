// What Linux offers beyond the Glibc module of Swift: epoll and eventfd.
#pragma once

#include <sys/epoll.h>
#include <sys/eventfd.h>
