// Checks the signature of a webhook with the npm package standardwebhooks, which shares no code with Gemba.
//
// It reads {"secret": ..., "headers": {...}, "body": ...} from standard input, prints the verified payload as JSON, and exits with
// 1 and a sentence where the signature is not valid.
const { Webhook } = require("standardwebhooks");

let input = "";
process.stdin.setEncoding("utf8");
process.stdin.on("data", (part) => (input += part));
process.stdin.on("end", () => {
  const { secret, headers, body } = JSON.parse(input);
  try {
    process.stdout.write(JSON.stringify(new Webhook(secret).verify(body, headers)));
  } catch (err) {
    process.stderr.write(`${err.message}\n`);
    process.exit(1);
  }
});
