import type { FaultClauses } from "./translate-fault.ts";

/** Of the domain's faults, and of those that recording makes. */
export const portugueseFaults: FaultClauses = [
  [/^is missing$/, "falta"],
  [/^is (null|true|false|-?[0-9].*)$/, "é $1"],
  [/^is an array$/, "é uma lista"],
  [/^is an object$/, "é um objeto"],
  [/^is a string$/, "é um texto"],
  [/^is a number beyond the range of a double$/, "é um número grande demais para um double"],
  [/^is empty$/, "está vazio"],
  [/^is only white space$/, "só tem espaços"],
  [/^is longer than (\d+) code points$/, "tem mais de $1 caracteres"],
  [/^contains U\+0000$/, "contém U+0000"],
  [/^contains a lone surrogate$/, "contém um surrogate solto"],
  [/^is no such string$/, "não é um texto assim"],
  [/^is no such date-time$/, "não é data e hora assim"],
  [/^has (\d+) items$/, "tem $1 itens"],
  [/^is an unknown key$/, "é uma chave desconhecida"],
  [/^has an unknown key of more than (\d+) code points$/, "tem uma chave desconhecida de mais de $1 caracteres"],
  [/^expected (.+)$/, "espera-se $1"],
  [/^must be an integer from (\d+) to (\d+)$/, "deve ser um número inteiro de $1 a $2"],
  [/^must be an array of 1 to (\d+) items$/, "deve ser uma lista de 1 a $1 itens"],
  [/^must be an object with (.+)$/, "deve ser um objeto com $1"],
  [
    /^must be a string of 1 to (\d+) code points, not only white space, without U\+0000 and lone surrogates$/,
    "deve ser um texto de 1 a $1 caracteres, não só espaços, sem U+0000 nem surrogates soltos",
  ],
  [
    /^must be from 0 to ([\d.]+) with at most 4 decimals, as a number \(not -0\) or as a decimal string like "1\.10"$/,
    'deve ser de 0 a $1 com no máximo 4 casas decimais, como número (não -0) ou como texto decimal como "1.10"',
  ],
  [
    /^must be an RFC 3339 date-time in the years 0001 to 9999 \(UTC\), or be left out$/,
    "deve ser data e hora RFC 3339 nos anos 0001 a 9999 (UTC), ou ficar de fora",
  ],
  [/^is not UTF-8$/, "não é UTF-8"],
  [/^is nested more than (\d+) levels deep$/, "tem mais de $1 níveis"],
  [/^starts with a byte order mark$/, "começa com um byte order mark"],
  [/^is not JSON$/, "não é JSON"],
  [/^is not JSON \(at character (\d+)\)$/, "não é JSON (no caractere $1)"],
  [
    /^must be one JSON object in UTF-8, without a byte order mark$/,
    "deve ser um único objeto JSON em UTF-8, sem byte order mark",
  ],
  [
    /^the process or the database ended each time this was tried$/,
    "o processo ou o banco de dados caiu a cada vez que isto foi tentado",
  ],
  [/^it is not tried again$/, "não se tenta de novo"],
  [
    /^order (\d+) is recorded already, with another customer or other items$/,
    "o pedido $1 já está registrado, com outro cliente ou outros itens",
  ],
  [/^the recorded one stays as it is$/, "o registrado fica como está"],
  [/^is over 1 MiB$/, "passa de 1 MiB"],
  [/^the database refused it: (.+)$/, "o banco de dados recusou: $1"],
];
