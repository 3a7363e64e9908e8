/* Asks for each host that is given after the path of an index. */
#include <stdio.h>
#include <string.h>

#include "beian_index.h"

int main(int count, char **arguments)
{
    char message[200];
    struct beian_record record;
    beian_index *index;

    if (count < 2 || beian_index_open(NULL, NULL, 0) != NULL)
        return 2;
    index = beian_index_open(arguments[1], message, sizeof message);
    if (index == NULL) {
        printf("refused: %s\n", message);
        return 1;
    }
    for (int place = 2; place < count; place++) {
        if (beian_index_lookup(index, arguments[place], strlen(arguments[place]), &record) != BEIAN_OK)
            return 3;
        printf("%s %d %u %d\n", arguments[place], record.answer, record.id, record.as_of);
    }
    if (beian_index_lookup(index, NULL, 0, &record) != BEIAN_ARGUMENT)
        return 4;
    if (beian_index_refresh(index) != BEIAN_OK || beian_index_refresh(NULL) != BEIAN_ARGUMENT)
        return 5;
    beian_index_close(index);
    beian_index_close(NULL);
    return 0;
}
