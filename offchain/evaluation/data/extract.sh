#!/bin/sh
# Writes corpus.txt and heldout.txt beside this script from Debian's `bible` command (packages bible-kjv, bible-kjv-text).
# One verse a line without its number, a blank line between chapters, and the book's name above each book.
set -eu
cd "$(dirname "$0")"
export LC_ALL=C

# Prints the books named as "Title=reference" in order.
books() {
    gap=
    for book in "$@"; do
        printf "$gap%s\n" "${book%%=*}"
        gap='\n\n'
        bible -f "${book#*=}" </dev/null | awk '{
            split($1, place, ":")
            if (place[1] != chapter) { chapter = place[1]; print "" }
            verse = substr($0, length($1) + 2)
            sub(/ +$/, "", verse)
            print verse
        }'
    done
}

books Genesis=Ge1:1-Ge50:26 Exodus=Exo1:1-Exo40:38 Judges=Jdgs1:1-Jdgs21:25 "First Samuel"=1Sm1:1-1Sm31:13 \
    "Second Samuel"=2Sm1:1-2Sm24:25 Psalms=Psa1:1-Psa150:6 Isaiah=Isa1:1-Isa66:24 Matthew=Mat1:1-Mat28:20 \
    Acts=Acts1:1-Acts28:31 Romans=Rom1:1-Rom16:27 > corpus.txt
books "First Kings"=1Ki1:1-1Ki22:53 John=John1:1-John21:25 Hebrews=Heb1:1-Heb13:25 > heldout.txt
