/* Makes system calls on chosen files fail, for tests: build as a shared object and name it in LD_PRELOAD.
   FAULTY_NAME: part of the path of the files meant; FAULTY_ERRNO: the error's number; and when:
   FAULTY_WHILE: while there is a file of this name; or FAULTY_FIRST, FAULTY_TIMES: so many calls from that one on.
   FAULTY_MET: a file that is made when the first call fails. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static long number(const char *name) {
    const char *text = getenv(name);
    return text ? atol(text) : 0;
}

static int meant(int descriptor) {
    char link[64], path[4096];
    const char *name = getenv("FAULTY_NAME");
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (!name || length < 0)
        return 0;
    path[length] = 0;
    return strstr(path, name) != NULL;
}

static int fails(int descriptor) {
    static long seen;
    const char *gate = getenv("FAULTY_WHILE"), *met = getenv("FAULTY_MET");
    if (!meant(descriptor))
        return 0;
    long first = number("FAULTY_FIRST");
    seen++;
    if (gate ? access(gate, F_OK) : seen < first || seen >= first + number("FAULTY_TIMES"))
        return 0;
    if (met)
        close(open(met, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    errno = (int)number("FAULTY_ERRNO");
    return 1;
}

#define CALL(type, name, parameters, ...)                                              \
    type name parameters {                                                             \
        static type(*real) parameters;                                                 \
        if (!real)                                                                     \
            real = (type(*) parameters)dlsym(RTLD_NEXT, #name);                        \
        return fails(descriptor) ? -1 : real(__VA_ARGS__);                             \
    }

CALL(ssize_t, write, (int descriptor, const void *data, size_t size), descriptor, data, size)
CALL(ssize_t, pwrite, (int descriptor, const void *data, size_t size, off_t at), descriptor, data, size, at)
CALL(ssize_t, pwrite64, (int descriptor, const void *data, size_t size, off64_t at), descriptor, data, size, at)
CALL(int, ftruncate, (int descriptor, off_t size), descriptor, size)
CALL(int, ftruncate64, (int descriptor, off64_t size), descriptor, size)
CALL(int, fsync, (int descriptor), descriptor)
CALL(int, fdatasync, (int descriptor), descriptor)
