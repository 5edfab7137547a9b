/// The rules that match wrong programs, tried only in the second pass over a source already known to be invalid.
extension GrammarText {
  static let errors: StaticString = #"""
    -- Calls: a generator beside other arguments, an assignment where a keyword was meant, positions after names.
    bad_call = a:args ',' '*' => at a "iterable argument unpacking follows keyword argument unpacking"
      | a:expression b:clauses ',' (args | expression clauses)?
        => call genexpMustBeParenthesized a b
      | a:NAME b:'=' expression clauses => range a b "invalid syntax. Maybe you meant '==' or ':=' instead of '='?"
      | a:args b:clauses => call genexpInCall a b
      | args ',' a:expression b:clauses => call genexpMustBeParenthesized a b
      | a:args ',' args => call argumentOrder a
    bad_named_argument = a:('True' | 'False' | 'None') b:'=' => range a b "cannot assign to %t"
      | a:NAME b:'=' expression clauses => range a b "invalid syntax. Maybe you meant '==' or ':=' instead of '='?"
      | !(NAME '=') a:expression b:'=' => range a b "expression cannot contain assignment, perhaps you meant \"==\"?"

    -- Expressions: two of them side by side, a condition without its other half, one equals sign too few.
    trusted_expression = either 'if' either 'else' expression => IfExp | either | lambda
    bad_print = a:NAME !'(' b:values => call legacy a b
    bad_expression = !(NAME STRING | SOFT_KEYWORD) a:either b:trusted_expression => call forgottenComma a b
      | a:either 'if' b:either !('else' | ':') => range a b "expected 'else' after 'if' expression"
    bad_condition # = a:expression ':=' expression => at a "cannot use assignment expressions with %n"
      | a:NAME '=' b:bit_or !('=' | ':=') => range a b "invalid syntax. Maybe you meant '==' or ':=' instead of '='?"
      | !(list | tuple | generator | 'True' | 'None' | 'False') a:bit_or b:'=' bit_or !('=' | ':=')
        => at a "cannot assign to %n here. Maybe you meant '==' instead of '='?"

    -- Assignments and deletions of what is no place.
    bad_assignment = a:bad_annotation_target ':' expression => at a "only single target (not %n) can be annotated"
      | a:item ',' items* ':' expression
        => at a "only single target (not tuple) can be annotated"
      | a:expression ':' expression => at a "illegal target for annotation"
      | (places '=')* a:values '=' => call invalidAssignTarget a
      | (places '=')* a:yield_expr '=' => at a "assignment to yield expression not possible"
      | a:values updating_operator (yield_expr | values)
        => at a "'%n' is an illegal expression for augmented assignment"
    bad_annotation_target = list | tuple | '(' a:bad_annotation_target ')' => a
    bad_del = 'del' a:values => call invalidDelTarget a
    bad_block = NEWLINE !INDENT => indent "expected an indented block"
    -- Comprehensions that unpack, or whose result wants parentheses.
    bad_comprehension = ('[' | '(' | '{') a:unpacked clauses
        => at a "iterable unpacking cannot be used in comprehension"
      | ('[' | '{') a:item ',' b:items clauses
        => rangeLast a b "did you forget parentheses around the comprehension target?"
      | ('[' | '{') a:item b:',' clauses
        => range a b "did you forget parentheses around the comprehension target?"
    bad_dict_comprehension = '{' a:'**' bit_or clauses '}'
        => at a "dict unpacking cannot be used in dict comprehension"

    -- Parameters out of order; the same for lambdas, which end at a colon.
    bad_params = bare_param* filled_params a:bare_param => at a "non-default argument follows default argument"
      | bare_param* a:'(' bare_param+ ','? b:')' => range a b "Function parameters cannot be parenthesized"
      | a:'/' ',' => at a "at least one argument must precede /"
      | (before_slash | before_slash_filled) any_param* a:'/' => at a "/ may appear only once"
      | (before_slash | before_slash_filled)? any_param* '*' (',' | bare_param) any_param* a:'/' => at a "/ must be ahead of *"
      | any_param+ '/' a:'*' => at a "expected comma between / and *"
    filled_params = before_slash_filled | filled_param+
    bad_default = a:'=' &(')' | ',') => at a "expected default value expression"
    bad_after_star = a:'*' (')' | ',' (')' | '**')) => at a "named arguments must follow bare *"
      | '*' ',' TYPE_COMMENT => raise "bare * has associated type comment"
      | '*' param a:'=' => at a "var-positional argument cannot have default value"
      | '*' (bare_param | ',') any_param* a:'*' (bare_param | ',') => at a "* argument may appear only once"
    bad_keyword_rest = '**' param a:'=' => at a "var-keyword argument cannot have default value"
      | '**' param ',' a:param => at a "arguments cannot follow var-keyword argument"
      | '**' param ',' a:('*' | '**' | '/') => at a "arguments cannot follow var-keyword argument"
    bad_lambda_params = lambda_bare* lambda_filled_params a:lambda_bare => at a "non-default argument follows default argument"
      | lambda_bare* a:'(' ','.lambda_param+ ','? b:')' => range a b "Lambda expression parameters cannot be parenthesized"
      | a:'/' ',' => at a "at least one argument must precede /"
      | (lambda_before_slash | lambda_before_slash_filled) lambda_any* a:'/' => at a "/ may appear only once"
      | (lambda_before_slash | lambda_before_slash_filled)? lambda_any* '*' (',' | lambda_bare) lambda_any* a:'/'
        => at a "/ must be ahead of *"
      | lambda_any+ '/' a:'*' => at a "expected comma between / and *"
    lambda_filled_params = lambda_before_slash_filled | lambda_filled+
    bad_lambda_after_star = '*' (':' | ',' (':' | '**')) => raise "named arguments must follow bare *"
      | '*' lambda_param a:'=' => at a "var-positional argument cannot have default value"
      | '*' (lambda_bare | ',') lambda_any* a:'*' (lambda_bare | ',') => at a "* argument may appear only once"
    bad_lambda_keyword_rest = '**' lambda_param a:'=' => at a "var-keyword argument cannot have default value"
      | '**' lambda_param ',' a:lambda_param => at a "arguments cannot follow var-keyword argument"
      | '**' lambda_param ',' a:('*' | '**' | '/') => at a "arguments cannot follow var-keyword argument"
    bad_two_comments = TYPE_COMMENT NEWLINE TYPE_COMMENT NEWLINE INDENT => raise "Cannot have two type comments on def"

    -- Places in with, for and import.
    bad_with_item = expression 'as' a:expression &(',' | ')' | ':') => call invalidAssignTarget a
    bad_for_target = 'async'? 'for' a:values => call invalidForTarget a
    bad_group = '(' a:unpacked ')' => at a "cannot use starred expression here"
      | '(' a:'**' expression ')' => at a "cannot use double starred expression here"
    bad_members = member_aliases ',' NEWLINE
        => raise "trailing comma not allowed without surrounding parentheses"
    bad_with = 'async'? 'with' ','.(expression ('as' place)?)+ NEWLINE => raise "expected ':'"
      | 'async'? 'with' '(' ','.(expressions ('as' place)?)+ ','? ')' NEWLINE => raise "expected ':'"
    bad_with_indent = 'async'? a:'with' ','.(expression ('as' place)?)+ ':' NEWLINE !INDENT
        => indent a "expected an indented block after 'with' statement on line %l"
      | 'async'? a:'with' '(' ','.(expressions ('as' place)?)+ ','? ')' ':' NEWLINE !INDENT
        => indent a "expected an indented block after 'with' statement on line %l"
    bad_try = a:'try' ':' NEWLINE !INDENT => indent a "expected an indented block after 'try' statement on line %l"
      | 'try' ':' block !('except' | 'finally') => raise "expected 'except' or 'finally' block"
      | 'try' ':' block* except+ a:'except' b:'*' expression ('as' NAME)? ':'
        => range a b "cannot have both 'except' and 'except*' on the same 'try'"
      | 'try' ':' block* except_star+ a:'except' (expression ('as' NAME)?)? ':'
        => at a "cannot have both 'except' and 'except*' on the same 'try'"
    bad_except = 'except' '*'? a:expression ',' expressions ('as' NAME)? ':'
        => from a "multiple exception types must be parenthesized"
      | 'except' '*'? expression ('as' NAME)? NEWLINE => raise "expected ':'"
      | 'except' NEWLINE => raise "expected ':'"
      | 'except' '*' (NEWLINE | ':') => raise "expected one or more exception types"
    bad_finally = a:'finally' ':' NEWLINE !INDENT
        => indent a "expected an indented block after 'finally' statement on line %l"
    bad_except_indent = a:'except' expression ('as' NAME)? ':' NEWLINE !INDENT
        => indent a "expected an indented block after 'except' statement on line %l"
      | a:'except' ':' NEWLINE !INDENT => indent a "expected an indented block after 'except' statement on line %l"
    bad_except_star_indent = a:'except' '*' expression ('as' NAME)? ':' NEWLINE !INDENT
        => indent a "expected an indented block after 'except*' statement on line %l"
    bad_match = "match" subject NEWLINE => raise "expected ':'"
      | a:"match" subject ':' NEWLINE !INDENT => indent a "expected an indented block after 'match' statement on line %l"
    bad_case = "case" patterns guard? NEWLINE => raise "expected ':'"
      | a:"case" patterns guard? ':' NEWLINE !INDENT
        => indent a "expected an indented block after 'case' statement on line %l"
    bad_bound_pattern = alternatives_pattern 'as' a:"_" => at a "cannot use '_' as a target"
      | alternatives_pattern 'as' !NAME a:expression => at a "invalid pattern target"
    bad_class_pattern = path '(' a:bad_class_order => rangeSeq a "positional patterns follow keyword patterns"
    bad_class_order = (class_positions ',')? class_members ',' a:class_positions => a
    bad_if = 'if' condition NEWLINE => raise "expected ':'"
      | a:'if' condition ':' NEWLINE !INDENT => indent a "expected an indented block after 'if' statement on line %l"
    bad_elif = 'elif' condition NEWLINE => raise "expected ':'"
      | a:'elif' condition ':' NEWLINE !INDENT
        => indent a "expected an indented block after 'elif' statement on line %l"
    bad_else = a:'else' ':' NEWLINE !INDENT => indent a "expected an indented block after 'else' statement on line %l"
    bad_while = 'while' condition NEWLINE => raise "expected ':'"
      | a:'while' condition ':' NEWLINE !INDENT
        => indent a "expected an indented block after 'while' statement on line %l"
    bad_for = 'async'? 'for' places 'in' values NEWLINE => raise "expected ':'"
      | 'async'? a:'for' places 'in' values ':' NEWLINE !INDENT
        => indent a "expected an indented block after 'for' statement on line %l"
    bad_def = 'async'? a:'def' NAME '(' params? ')' ('->' expression)? ':' NEWLINE !INDENT
        => indent a "expected an indented block after function definition on line %l"
    bad_class = 'class' NAME ('(' call_arguments? ')')? NEWLINE => raise "expected ':'"
      | a:'class' NAME ('(' call_arguments? ')')? ':' NEWLINE !INDENT
        => indent a "expected an indented block after class definition on line %l"
    -- Dictionaries: a key without a value.
    bad_entries = ','.entry_or_rest+ ',' bad_entry
      | expression ':' a:'*' bit_or => from a "cannot use a starred expression in a dictionary value"
      | expression a:':' &('}' | ',') => at a "expression expected after dictionary key and ':'"
    bad_entry = a:expression !':' => call missingColonInDict a
      | expression ':' a:'*' bit_or => from a "cannot use a starred expression in a dictionary value"
      | expression a:':' &('}' | ',') => at a "expression expected after dictionary key and ':'"
    """#
}
