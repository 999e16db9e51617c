#!/bin/sh
# Makes the certificates of test/egress/post-tls.test.ts anew. They are for `receiver.test` and protect nothing.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/ca.cnf" <<CNF
[ca]
default_ca = test
[test]
database = $work/index.txt
new_certs_dir = $work
rand_serial = yes
unique_subject = no
default_md = sha256
policy = any
[any]
commonName = supplied
[authority]
basicConstraints = critical, CA:true
CNF
: >"$work/index.txt"

request() { # name, common name
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout "$work/$1.key" -out "$work/$1.csr" -subj "/CN=$2"
}
sign() { openssl ca -config "$work/ca.cnf" -batch -notext "$@"; }

authority() { # name
  request "$1" "Sluse test $1"
  sign -selfsign -extensions authority -keyfile "$work/$1.key" -in "$work/$1.csr" -out "$1.pem" \
    -startdate 20200101000000Z -enddate 21200101000000Z
}
certificate() { # name, host, authority, end
  request "$1" "$2"
  printf 'subjectAltName=DNS:%s\n' "$2" >"$work/$1.ext"
  sign -cert "$3.pem" -keyfile "$work/$3.key" -in "$work/$1.csr" -out "$1.pem" -extfile "$work/$1.ext" \
    -startdate 20200101000000Z -enddate "$4"
  mv "$work/$1.key" .
}

authority authority
authority stranger
certificate receiver receiver.test authority 21200101000000Z
certificate expired receiver.test authority 20200201000000Z
certificate other-name other.test authority 21200101000000Z
certificate unknown-authority receiver.test stranger 21200101000000Z
rm stranger.pem
