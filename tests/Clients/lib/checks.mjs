// One line for each check, and what it means that a value is as expected.

let passed = 0;
let failed = 0;

/** Makes the function that a suite checks with: check(what, value, expected) or check(what, async () => value, expected). */
export function checks(suite) {
    const check = async (what, value, expected) => {
        const started = performance.now();
        try {
            const came = typeof value === 'function' ? await value() : value;
            const difference = differenceOf(came, expected, '');
            if (difference) {
                throw new Error(difference);
            }
            passed++;
            console.log(`ok      ${suite}: ${what} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
        } catch (error) {
            check.failed(what, error);
        }
    };
    check.failed = (what, error) => {
        failed++;
        console.log(`FAILED  ${suite}: ${what}: ${oneLine(error.message ?? error)}`);
    };
    return check;
}

/** Prints the last line; returns the exit code. */
export function summary() {
    console.log(`\n${passed} passed, ${failed} failed`);
    return failed === 0 && passed > 0 ? 0 : 1;
}

/**
 * Tells where a value is not as expected; undefined if it is.
 *
 * In what is expected, an object stands for one that has at least these properties, undefined for a property that is not
 * there, a regular expression for a text that it matches, a function for a value that it returns true for. All else is equal
 * or not.
 */
function differenceOf(came, expected, path) {
    const wrong = what => `${path ? `${path}: ` : ''}expected ${what}, came ${shown(came)}`;
    if (typeof expected === 'function') {
        return expected(came) === true ? undefined : wrong(String(expected));
    }
    if (expected instanceof RegExp) {
        return typeof came === 'string' && expected.test(came) ? undefined : wrong(String(expected));
    }
    if (Array.isArray(expected)) {
        if (!Array.isArray(came) || came.length !== expected.length) {
            return wrong(shown(expected));
        }
        return first(expected.map((item, i) => differenceOf(came[i], item, `${path}[${i}]`)));
    }
    if (typeof expected === 'object' && expected !== null) {
        if (typeof came !== 'object' || came === null) {
            return wrong(shown(expected));
        }
        return first(Object.entries(expected).map(([name, value]) => differenceOf(came[name], value, path ? `${path}.${name}` : name)));
    }
    return Object.is(came, expected) ? undefined : wrong(shown(expected));
}

const first = differences => differences.find(difference => difference !== undefined);
const shown = value => oneLine(JSON.stringify(value, (_, part) => part instanceof RegExp || typeof part === 'function' ? String(part) : part) ?? 'nothing');

function oneLine(text) {
    const line = String(text).replaceAll(/\s+/g, ' ').trim();
    return line.length > 1000 ? `${line.slice(0, 500)} ... ${line.slice(-500)}` : line;
}
