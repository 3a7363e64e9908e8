/* Host name to filing record, from a published index of beian.
 *
 * Link with -lbeian_index_c. A handle may be used by any number of threads at once; close it when
 * none uses it any more.
 */
#ifndef BEIAN_INDEX_H
#define BEIAN_INDEX_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct beian_index beian_index;

/* What is known of the registrable domain of a host. */
enum beian_answer {
    BEIAN_FILED_HERE = 0,
    BEIAN_FILED_ELSEWHERE = 1,
    BEIAN_CANCELLED = 2,
    BEIAN_BLACKLISTED = 3,
    BEIAN_SHELL = 4,
    /* There is no record, and the index has all. */
    BEIAN_NOT_FILED = 16,
    /* There is no record, but the index has not all. */
    BEIAN_UNKNOWN = 17,
    /* The host is an address. */
    BEIAN_ADDRESS = 18,
    /* The host is a public suffix or a single label. */
    BEIAN_SUFFIX = 19,
    /* The host is neither a name nor an address. */
    BEIAN_INVALID = 20
};

/* What a call came to. */
enum beian_status {
    BEIAN_OK = 0,
    /* The file is missing, no index, newer, cut off, or damaged. */
    BEIAN_ERROR = 1,
    /* A pointer is NULL, or the path is not UTF-8. */
    BEIAN_ARGUMENT = 2
};

/* Of a record; zeros where the answer is none. */
struct beian_record {
    int32_t answer;
    uint32_t id;
    /* Days since 1970-01-01. */
    int32_t as_of;
};

/* Opens what is published at a path. NULL if that fails; then `message`, unless it is NULL, is
 * filled with the reason, cut to `size` bytes, NUL included. */
beian_index *beian_index_open(const char *path, char *message, size_t size);

/* Looks up a host of `length` bytes, which needs no NUL: the value of a Host header. */
int32_t beian_index_lookup(const beian_index *index, const char *host, size_t length,
                           struct beian_record *record);

/* Goes over to what was published since. When that fails, the old generation stays in use. */
int32_t beian_index_refresh(const beian_index *index);

/* Ends the use of an index. NULL is nothing. */
void beian_index_close(beian_index *index);

#ifdef __cplusplus
}
#endif

#endif
