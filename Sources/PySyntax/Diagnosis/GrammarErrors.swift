/// The rules that match wrong programs, tried only in the second pass over a source already known to be invalid.
extension GrammarText {
  static let errors: StaticString = #"""
    bad_arguments = a:args ',' '*' => at a "iterable argument unpacking follows keyword argument unpacking"
      | a:expression b:for_if_clauses ',' (args | expression for_if_clauses)?
        => call genexpMustBeParenthesized a b
      | a:NAME b:'=' expression for_if_clauses => range a b "invalid syntax. Maybe you meant '==' or ':=' instead of '='?"
      | a:args b:for_if_clauses => call genexpInCall a b
      | args ',' a:expression b:for_if_clauses => call genexpMustBeParenthesized a b
      | a:args ',' args => call argumentOrder a
    bad_kwarg = a:('True' | 'False' | 'None') b:'=' => range a b "cannot assign to %t"
      | a:NAME b:'=' expression for_if_clauses => range a b "invalid syntax. Maybe you meant '==' or ':=' instead of '='?"
      | !(NAME '=') a:expression b:'=' => range a b "expression cannot contain assignment, perhaps you meant \"==\"?"

    expression_without_bad = disjunction 'if' disjunction 'else' expression => IfExp | disjunction | lambda
    bad_legacy = a:NAME !'(' b:star_expressions => call legacy a b
    bad_expression = !(NAME STRING | SOFT_KEYWORD) a:disjunction b:expression_without_bad => call forgottenComma a b
      | a:disjunction 'if' b:disjunction !('else' | ':') => range a b "expected 'else' after 'if' expression"
    bad_named # = a:expression ':=' expression => at a "cannot use assignment expressions with %n"
      | a:NAME '=' b:bitwise_or !('=' | ':=') => range a b "invalid syntax. Maybe you meant '==' or ':=' instead of '='?"
      | !(list | tuple | genexp | 'True' | 'None' | 'False') a:bitwise_or b:'=' bitwise_or !('=' | ':=')
        => at a "cannot assign to %n here. Maybe you meant '==' instead of '='?"

    bad_assignment = a:bad_annotation_target ':' expression => at a "only single target (not %n) can be annotated"
      | a:star_named_expression ',' star_named_expressions* ':' expression
        => at a "only single target (not tuple) can be annotated"
      | a:expression ':' expression => at a "illegal target for annotation"
      | (star_targets '=')* a:star_expressions '=' => call invalidAssignTarget a
      | (star_targets '=')* a:yield_expr '=' => at a "assignment to yield expression not possible"
      | a:star_expressions augmented (yield_expr | star_expressions)
        => at a "'%n' is an illegal expression for augmented assignment"
    bad_annotation_target = list | tuple | '(' a:bad_annotation_target ')' => a
    bad_del = 'del' a:star_expressions => call invalidDelTarget a
    bad_block = NEWLINE !INDENT => indent "expected an indented block"
    bad_comprehension = ('[' | '(' | '{') a:starred_expression for_if_clauses
        => at a "iterable unpacking cannot be used in comprehension"
      | ('[' | '{') a:star_named_expression ',' b:star_named_expressions for_if_clauses
        => rangeLast a b "did you forget parentheses around the comprehension target?"
      | ('[' | '{') a:star_named_expression b:',' for_if_clauses
        => range a b "did you forget parentheses around the comprehension target?"
    bad_dict_comprehension = '{' a:'**' bitwise_or for_if_clauses '}'
        => at a "dict unpacking cannot be used in dict comprehension"

    bad_params = param_plain* bad_params_helper a:param_plain => at a "non-default argument follows default argument"
      | param_plain* a:'(' param_plain+ ','? b:')' => range a b "Function parameters cannot be parenthesized"
      | a:'/' ',' => at a "at least one argument must precede /"
      | (slash_plain | slash_default) param_maybe* a:'/' => at a "/ may appear only once"
      | (slash_plain | slash_default)? param_maybe* '*' (',' | param_plain) param_maybe* a:'/' => at a "/ must be ahead of *"
      | param_maybe+ '/' a:'*' => at a "expected comma between / and *"
    bad_params_helper = slash_default | param_default+
    bad_default = a:'=' &(')' | ',') => at a "expected default value expression"
    bad_star_etc = a:'*' (')' | ',' (')' | '**')) => at a "named arguments must follow bare *"
      | '*' ',' TYPE_COMMENT => raise "bare * has associated type comment"
      | '*' param a:'=' => at a "var-positional argument cannot have default value"
      | '*' (param_plain | ',') param_maybe* a:'*' (param_plain | ',') => at a "* argument may appear only once"
    bad_kwds = '**' param a:'=' => at a "var-keyword argument cannot have default value"
      | '**' param ',' a:param => at a "arguments cannot follow var-keyword argument"
      | '**' param ',' a:('*' | '**' | '/') => at a "arguments cannot follow var-keyword argument"
    bad_lambda_params = lambda_plain* bad_lambda_helper a:lambda_plain => at a "non-default argument follows default argument"
      | lambda_plain* a:'(' ','.lambda_param+ ','? b:')' => range a b "Lambda expression parameters cannot be parenthesized"
      | a:'/' ',' => at a "at least one argument must precede /"
      | (lambda_slash_plain | lambda_slash_default) lambda_maybe* a:'/' => at a "/ may appear only once"
      | (lambda_slash_plain | lambda_slash_default)? lambda_maybe* '*' (',' | lambda_plain) lambda_maybe* a:'/'
        => at a "/ must be ahead of *"
      | lambda_maybe+ '/' a:'*' => at a "expected comma between / and *"
    bad_lambda_helper = lambda_slash_default | lambda_default+
    bad_lambda_star_etc = '*' (':' | ',' (':' | '**')) => raise "named arguments must follow bare *"
      | '*' lambda_param a:'=' => at a "var-positional argument cannot have default value"
      | '*' (lambda_plain | ',') lambda_maybe* a:'*' (lambda_plain | ',') => at a "* argument may appear only once"
    bad_lambda_kwds = '**' lambda_param a:'=' => at a "var-keyword argument cannot have default value"
      | '**' lambda_param ',' a:lambda_param => at a "arguments cannot follow var-keyword argument"
      | '**' lambda_param ',' a:('*' | '**' | '/') => at a "arguments cannot follow var-keyword argument"
    bad_two_comments = TYPE_COMMENT NEWLINE TYPE_COMMENT NEWLINE INDENT => raise "Cannot have two type comments on def"

    bad_with_item = expression 'as' a:expression &(',' | ')' | ':') => call invalidAssignTarget a
    bad_for_target = 'async'? 'for' a:star_expressions => call invalidForTarget a
    bad_group = '(' a:starred_expression ')' => at a "cannot use starred expression here"
      | '(' a:'**' expression ')' => at a "cannot use double starred expression here"
    bad_import_targets = import_as_names ',' NEWLINE
        => raise "trailing comma not allowed without surrounding parentheses"
    bad_with = 'async'? 'with' ','.(expression ('as' star_target)?)+ NEWLINE => raise "expected ':'"
      | 'async'? 'with' '(' ','.(expressions ('as' star_target)?)+ ','? ')' NEWLINE => raise "expected ':'"
    bad_with_indent = 'async'? a:'with' ','.(expression ('as' star_target)?)+ ':' NEWLINE !INDENT
        => indent a "expected an indented block after 'with' statement on line %l"
      | 'async'? a:'with' '(' ','.(expressions ('as' star_target)?)+ ','? ')' ':' NEWLINE !INDENT
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
    bad_as_pattern = or_pattern 'as' a:"_" => at a "cannot use '_' as a target"
      | or_pattern 'as' !NAME a:expression => at a "invalid pattern target"
    bad_class_pattern = name_or_attr '(' a:bad_class_argument => rangeSeq a "positional patterns follow keyword patterns"
    bad_class_argument = (positional_patterns ',')? keyword_patterns ',' a:positional_patterns => a
    bad_if = 'if' named_expression NEWLINE => raise "expected ':'"
      | a:'if' named_expression ':' NEWLINE !INDENT => indent a "expected an indented block after 'if' statement on line %l"
    bad_elif = 'elif' named_expression NEWLINE => raise "expected ':'"
      | a:'elif' named_expression ':' NEWLINE !INDENT
        => indent a "expected an indented block after 'elif' statement on line %l"
    bad_else = a:'else' ':' NEWLINE !INDENT => indent a "expected an indented block after 'else' statement on line %l"
    bad_while = 'while' named_expression NEWLINE => raise "expected ':'"
      | a:'while' named_expression ':' NEWLINE !INDENT
        => indent a "expected an indented block after 'while' statement on line %l"
    bad_for = 'async'? 'for' star_targets 'in' star_expressions NEWLINE => raise "expected ':'"
      | 'async'? a:'for' star_targets 'in' star_expressions ':' NEWLINE !INDENT
        => indent a "expected an indented block after 'for' statement on line %l"
    bad_def = 'async'? a:'def' NAME '(' params? ')' ('->' expression)? ':' NEWLINE !INDENT
        => indent a "expected an indented block after function definition on line %l"
    bad_class = 'class' NAME ('(' arguments? ')')? NEWLINE => raise "expected ':'"
      | a:'class' NAME ('(' arguments? ')')? ':' NEWLINE !INDENT
        => indent a "expected an indented block after class definition on line %l"
    bad_pairs = ','.pair+ ',' bad_key_value
      | expression ':' a:'*' bitwise_or => from a "cannot use a starred expression in a dictionary value"
      | expression a:':' &('}' | ',') => at a "expression expected after dictionary key and ':'"
    bad_key_value = a:expression !':' => call missingColonInDict a
      | expression ':' a:'*' bitwise_or => from a "cannot use a starred expression in a dictionary value"
      | expression a:':' &('}' | ',') => at a "expression expected after dictionary key and ':'"
    """#
}
